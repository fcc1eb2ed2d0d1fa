/** An HTTP probe: one GET, whose status and body have to match. Does not follow redirects. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { runInThisContext } from "node:vm";
import type { ProbeKind } from "../model/service.ts";
import { hasCode } from "../platform/files/write-whole.ts";
import { type Answer, bad, good, networkFailure } from "./answer.ts";

type HttpQuestion = Omit<Extract<ProbeKind, { kind: "http" }>, "kind">;

/** The rest of a larger body is neither matched nor kept. */
const bodyMaxBytes = 64 * 1024;

/** On abort the connection is closed at once, and the answer is meaningless. */
export async function askHttp(question: HttpQuestion, signal: AbortSignal): Promise<Answer> {
  const url = new URL(question.url);
  try {
    // fetch would cost 26 MB of memory. The daemon uses node:http anyway; TLS is loaded for probes that need it.
    const { request, trust } =
      url.protocol === "https:" ? await secure(url) : { request: httpRequest, trust: {} };
    const options = { ...trust, agent: false, signal, headers: { "user-agent": "gitopper" } };
    return await new Promise((resolve, reject) => {
      const sent = request(url, options, (response) => {
        readBody(response)
          .then((body) => judge(question, response.statusCode ?? 0, body))
          .then(resolve, reject)
          .finally(() => sent.destroy());
      });
      sent.on("error", reject).end();
    });
  } catch (error) {
    return bad(networkFailure(error));
  }
}

/** On loopback the peer is known, so its certificate is not checked. */
async function secure({ hostname }: URL) {
  const [{ request }, { getCACertificates }] = await Promise.all([import("node:https"), import("node:tls")]);
  const trust = isLoopback(hostname)
    ? { rejectUnauthorized: false }
    : { ca: [...getCACertificates("default"), ...getCACertificates("system")] };
  return { request, trust };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

interface Body {
  readonly bytes: Buffer;
  readonly whole: boolean;
}

async function readBody(response: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let room = bodyMaxBytes;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    // Leaving the loop closes the connection.
    if (room < 0) break;
  }
  return { bytes: Buffer.concat(chunks), whole: room >= 0 };
}

function judge({ status, body }: HttpQuestion, seen: number, { bytes, whole }: Body): Answer {
  if (seen !== status) return bad(`answered ${seen} instead of ${status}`, bytes);
  if (body === null) return good;
  const matched = matches(body, bytes.toString("utf8"));
  if (matched === null) return bad(`answered, and /${body}/ took longer than ${matchMaxMs} ms on it`, bytes);
  if (matched) return good;
  return bad(`answered without /${body}/${whole ? "" : ` in its first ${bodyMaxBytes / 1024} KiB`}`, bytes);
}

/** The pattern is from the config and the body is not: some patterns take forever on some texts. */
const matchMaxMs = 100;

/** Null: matching takes too long. */
function matches(pattern: string, text: string): boolean | null {
  const script = `new RegExp(${JSON.stringify(pattern)}).test(${JSON.stringify(text)})`;
  try {
    return runInThisContext(script, { timeout: matchMaxMs }) === true;
  } catch (error) {
    if (hasCode(error, "ERR_SCRIPT_EXECUTION_TIMEOUT")) return null;
    throw error;
  }
}
