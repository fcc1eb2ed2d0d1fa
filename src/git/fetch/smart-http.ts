/** Git's smart HTTP (gitprotocol-http(5)), as much of it as listing refs takes; keeps its connection open. */
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { withoutTrailing } from "../../model/text/untrusted.ts";
import type { Tips } from "../types.ts";
import { offersLsRefs, readLsRefs, renderLsRefs } from "./ls-refs.ts";

const service = "git-upload-pack";

/** The server cannot be polled this way, and will not support it soon. */
export class UnsupportedServer extends Error {}

/** About 1,000 refs. */
const answerMaxBytes = 64 * 1024;
const timeoutMs = 10_000;

export class SmartHttp {
  readonly #url: string;
  #requester: { readonly request: typeof httpRequest; readonly agent: Agent } | null = null;
  /** The capabilities of the server are known. */
  #known = false;

  constructor(url: string) {
    this.#url = withoutTrailing(url, "/");
  }

  /** The tips of at least these branches, as far as they exist. @throws UnsupportedServer, Error */
  async lsRefs(branches: readonly string[], stopping: AbortSignal): Promise<Tips> {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]);
    if (!this.#known) {
      const advertisement = await this.#ask(`/info/refs?service=${service}`, null, signal);
      if (!offersLsRefs(advertisement)) throw new UnsupportedServer("no ls-refs of protocol 2");
      this.#known = true;
    }
    const tips = readLsRefs(await this.#ask(`/${service}`, renderLsRefs(branches), signal));
    if (tips === null) throw new Error("The answer is cut off, or none of git's");
    return tips;
  }

  async #ask(path: string, body: string | null, signal: AbortSignal): Promise<Buffer> {
    this.#requester ??= await requesterFor(this.#url);
    const { request, agent } = this.#requester;
    const [method, kind] = body === null ? ["GET", "advertisement"] : ["POST", "result"];
    const headers = {
      "User-Agent": "git/2 (gitopper)",
      "Git-Protocol": "version=2",
      Accept: `application/x-${service}-${kind}`,
      ...(body !== null && {
        "Content-Type": `application/x-${service}-request`,
        "Content-Length": Buffer.byteLength(body),
      }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method, headers, agent, signal }, (response) => {
        takeAnswer(response, `application/x-${service}-${kind}`).then(resolve, (error) => {
          sent.destroy();
          reject(error);
        });
      });
      sent.on("error", reject).end(body ?? undefined);
    });
  }
}

/** TLS is loaded for upstreams that need it; it trusts the system's certificates, as git does. */
async function requesterFor(url: string): Promise<{ request: typeof httpRequest; agent: Agent }> {
  const kept = { keepAlive: true, maxSockets: 1, scheduling: "lifo" } as const;
  if (!url.startsWith("https:")) return { request: httpRequest, agent: new Agent(kept) };
  const [https, { getCACertificates }] = await Promise.all([import("node:https"), import("node:tls")]);
  return { request: https.request, agent: new https.Agent({ ...kept, ca: getCACertificates("system") }) };
}

async function takeAnswer(response: IncomingMessage, type: string): Promise<Buffer> {
  const { statusCode = 0, headers } = response;
  // A busy server may answer differently later. Redirects and authentication are left to git.
  if (statusCode >= 300 && statusCode < 500 && statusCode !== 429)
    throw new UnsupportedServer(`status ${statusCode}`);
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  if (headers["content-type"] !== type)
    throw new UnsupportedServer(`content type ${headers["content-type"]}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > answerMaxBytes) throw new Error(`more than ${answerMaxBytes} bytes`);
  }
  return Buffer.concat(chunks);
}
