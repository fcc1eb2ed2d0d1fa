/** Smart HTTP(S) for a directory of repositories: `git http-backend` (git-http-backend(1)) behind node:http. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { freePort } from "./port.ts";

/** `user:password`, which every request has to bring (RFC 7617). */
export type Credentials = string;

/** PEM texts; with them it is served over TLS. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * Starts to listen on a free port; the port stays the same over `down` and `up`.
 * With credentials the URL has them, as a config would.
 */
export async function serveUpstream(
  projectRoot: string,
  repository: string,
  {
    credentials = null,
    tls = null,
    port = null,
  }: { credentials?: Credentials | null; tls?: TlsFiles | null; port?: number | null } = {},
): Promise<ServedUpstream> {
  const served = new ServedUpstream(projectRoot, repository, {
    port: port ?? (await freePort()),
    credentials,
    tls,
  });
  await served.up();
  return served;
}

export class ServedUpstream {
  readonly url: string;
  /** The requests, oldest first: `GET /repo.git/info/refs?service=git-upload-pack`. */
  readonly requests: string[] = [];
  readonly #port: number;
  readonly #projectRoot: string;
  readonly #authorization: string | null;
  readonly #tls: TlsFiles | null;
  #server: Server | null = null;
  #hanging = false;
  #denying = false;

  /** Use `serveUpstream`. */
  constructor(
    projectRoot: string,
    repository: string,
    { port, credentials, tls }: { port: number; credentials: Credentials | null; tls: TlsFiles | null },
  ) {
    this.#tls = tls;
    this.#projectRoot = projectRoot;
    this.#port = port;
    this.#authorization = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    const scheme = tls === null ? "http" : "https";
    this.url = `${scheme}://${credentials ? `${credentials}@` : ""}127.0.0.1:${port}/${repository}`;
  }

  /** Answers again, after `down`, `deny` or `hang`. */
  async up(): Promise<void> {
    this.#denying = false;
    if (this.#hanging) await this.down();
    if (this.#server !== null) return;
    const answer: RequestListener = (request, response) => this.#answer(request, response);
    this.#server = this.#tls === null ? createServer(answer) : createTlsServer(this.#tls, answer);
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Refuses connections, and cuts those that are open. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#hanging = false;
    if (server === null) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Takes requests and never answers them. */
  hang(): void {
    this.#hanging = true;
  }

  /** Takes the right credentials for wrong ones. */
  deny(): void {
    this.#denying = true;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    if (!this.#admits(request)) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="upstream"' }).end();
      return;
    }
    if (this.#hanging) return;
    const cgi = spawn("git", ["http-backend"], { env: cgiEnv(request, this.#projectRoot) });
    request.pipe(cgi.stdin);
    cgi.stdin.on("error", () => {});
    cgi.stderr.resume();
    response.on("close", () => cgi.kill());
    passOn(cgi.stdout, response);
  }

  #admits({ headers }: IncomingMessage): boolean {
    if (this.#denying) return false;
    return this.#authorization === null || headers.authorization === this.#authorization;
  }
}

/** RFC 3875, with the additions that git knows. */
function cgiEnv(request: IncomingMessage, projectRoot: string): Record<string, string> {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const header = (name: string): string => String(request.headers[name] ?? "");
  return {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    GIT_PROJECT_ROOT: projectRoot,
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_PROTOCOL: header("git-protocol"),
    HTTP_CONTENT_ENCODING: header("content-encoding"),
    REQUEST_METHOD: request.method ?? "GET",
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: header("content-type"),
    REMOTE_ADDR: "127.0.0.1",
  };
}

/** Turns what a CGI program prints, header lines and a body, into a response. */
function passOn(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    output.off("data", onData);
    writeHeaders(head.subarray(0, end).toString(), response);
    response.write(head.subarray(end + 4));
    output.pipe(response);
  };
  output.on("data", onData);
  output.on("end", () => response.end());
}

function writeHeaders(text: string, response: ServerResponse): void {
  for (const line of text.split("\r\n")) {
    const [name = "", value = ""] = line.split(/: (.*)/s);
    if (name.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}
