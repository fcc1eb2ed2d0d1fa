/** `POST /webhook/<name>` over HTTP: authenticated by the webhook's own secret and by nothing else. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { DoorName } from "../../api/caller.ts";
import { problem } from "../../api/problem.ts";
import type { Reply } from "../../api/route.ts";
import { peerOf } from "../address.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";
import { type Admission, ConnectionLimiter } from "./connection-limiter.ts";
import { bodyMaxBytes, readBody } from "./read-body.ts";
import { type Outgoing, tooManyFailures } from "./send.ts";

/** `isRefused`: the secret is wrong. `body` has the bytes as received, because signatures cover them. */
export type HandleWebhook = (request: {
  readonly name: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}) => { readonly reply: Reply & { readonly body: string }; readonly isRefused: boolean };

/** Webhooks for pushes of thousands of commits are larger; the next poll finds those commits. */
const webhookMaxBytes = 1024 * 1024;
/** How many bodies at once may exceed the limit for other requests. */
const largeBodies = { total: 16, each: 4 };

/** The webhook's name in a request target; null: the request is not for a webhook. */
export function webhookName(method: string, target: string): string | null {
  return (method === "POST" && /^\/webhook\/([^/?#]+)(?:\?|$)/.exec(target)?.[1]) || null;
}

export class WebhookReceiver {
  readonly #handle: HandleWebhook;
  readonly #failedLogins: FailedLogins;
  readonly #largeBodies = new ConnectionLimiter(largeBodies);

  constructor(handle: HandleWebhook, failedLogins: FailedLogins) {
    this.#handle = handle;
    this.#failedLogins = failedLogins;
  }

  /** `from`: the remote address. Rejects when the caller hangs up before its request is whole. */
  async answer(name: string, request: IncomingMessage, door: DoorName, from: string): Promise<Outgoing> {
    const body = await this.#read(request, peerOf(from));
    if (!Buffer.isBuffer(body)) return body;
    const { reply, isRefused } = this.#handle({ name, headers: request.headers, body });
    return isRefused && this.#failedLogins.record(door, from) ? tooManyFailures : reply;
  }

  async #read(request: IncomingMessage, peer: string): Promise<Buffer | Outgoing> {
    let admission: Admission | null = null;
    const fits = (bytes: number): boolean => {
      if (bytes > webhookMaxBytes) return false;
      if (bytes <= bodyMaxBytes || admission !== null) return true;
      // No sender is authenticated yet, so the slowest one is evicted first.
      admission = this.#largeBodies.admit(peer, {
        rank: 0,
        evictsBelow: 1,
        onEvicted: () => void request.destroy(),
      });
      return admission !== null;
    };
    try {
      return (await readBody(request, fits)) ?? tooLong;
    } finally {
      (admission as Admission | null)?.release();
    }
  }
}

const tooLongMessage = `A webhook has at most ${webhookMaxBytes} bytes; the next poll sees what it would have told`;
const tooLong: Outgoing = { ...problem(413, tooLongMessage), hangUp: true };
