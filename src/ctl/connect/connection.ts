/** The interface of a connection to a daemon, for every transport. */

export interface Target {
  /** A name or an address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
}

/** How to reach a daemon. */
export type Transport =
  /** The daemon of this host. */
  | { readonly via: "socket"; readonly path: string }
  /** `http` is unencrypted; for loopback. */
  | ({ readonly via: "http" | "https"; readonly token: string | null } & Target)
  /** `identity` null: as the agent and ssh's config offer. `host` may be an alias of ssh_config(5). */
  | ({ readonly via: "ssh"; readonly identity: string | null } & Target);

export type SshTransport = Extract<Transport, { readonly via: "ssh" }>;

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** With its query; percent-encoded. */
  readonly path: string;
  /** Sent as a JSON body. */
  readonly body?: unknown;
}

/** The known certificates, and where to report new ones. */
export interface CertificateStore {
  /** The path of the file with known certificates. */
  readonly knownHosts: string;
  /** Gets a line about a newly accepted certificate. */
  readonly say: (line: string) => void;
}

/** Per request. */
export interface Limits {
  /** For the whole request, from the DNS look-up to the last byte. */
  readonly timeoutMs: number;
  readonly replyMaxBytes: number;
}

export interface ApiReply {
  readonly status: number;
  readonly body: string;
}

export interface Connection {
  /** @throws Failure that says what to check, when the daemon cannot be reached or something else answers */
  send(request: ApiRequest): Promise<ApiReply>;
  /**
   * Yields the body of an endless reply as it arrives, such as server-sent events; ends with the connection, or on abort.
   * @throws Failure, also for a status other than 200
   */
  follow(
    request: ApiRequest & { readonly lastEventId: string | null },
    signal: AbortSignal,
  ): AsyncIterable<string>;
}
