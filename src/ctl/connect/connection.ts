/** How a command talks to one daemon, whatever the way there. */

/** The way to a daemon. */
export type Transport =
  /** The daemon of this host. */
  | { readonly via: "socket"; readonly path: string }
  /** Plain; for loopback. */
  | { readonly via: "http"; readonly host: string; readonly port: number; readonly token: string | null }
  | { readonly via: "https"; readonly host: string; readonly port: number; readonly token: string | null }
  /** `identity` null: what the agent and ssh's own config offer. `host` may be one of ssh_config(5). */
  | { readonly via: "ssh"; readonly host: string; readonly port: number; readonly identity: string | null };

export type SshTransport = Extract<Transport, { readonly via: "ssh" }>;

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** With its query; percent-encoded. */
  readonly path: string;
  /** What becomes the JSON of a body. */
  readonly body?: unknown;
}

/** Which certificates are known, and where to tell of new ones. */
export interface CertificateStore {
  /** The file of the certificates that are known. */
  readonly knownHosts: string;
  /** Takes a line about what is remembered from now on. */
  readonly say: (line: string) => void;
}

/** For one request. */
export interface Limits {
  /** For the whole of it, from the look-up of the name to the last byte. */
  readonly timeoutMs: number;
  readonly replyMaxBytes: number;
}

export interface ApiReply {
  readonly status: number;
  readonly body: string;
}

export interface Connection {
  /** For people: `web1:2222`, `this host`. */
  readonly name: string;
  /** @throws Failure that says what to check, where the daemon cannot be reached or is none */
  send(request: ApiRequest): Promise<ApiReply>;
  /**
   * The body of a reply that does not end, as it comes, such as server-sent events; ends with the other side, or on abort.
   * @throws Failure, also for a status other than 200
   */
  follow(
    request: ApiRequest & { readonly lastEventId: string | null },
    signal: AbortSignal,
  ): AsyncIterable<string>;
}
