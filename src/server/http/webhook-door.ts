/** `POST /webhook/<name>` at a door of HTTP: the request's own secret lets it in, whoever brings it. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { DoorName } from "../../api/caller.ts";
import { problem } from "../../api/problem.ts";
import type { Reply } from "../../api/route.ts";
import { peerOf } from "../address.ts";
import type { FailedLogins } from "../identity/failed-logins.ts";
import { Crowd, type Seat } from "./connection-limiter.ts";
import { bodyMaxBytes, readBytes } from "./read-body.ts";
import { type Outgoing, tooManyFailures } from "./send.ts";

/** `isRefused`: its secret is not right. The body is as it came: signatures are over its bytes. */
export type TakeWebhook = (request: {
  readonly name: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}) => { readonly reply: Reply & { readonly body: string }; readonly isRefused: boolean };

/** Pushes of thousands of commits are larger, and are seen by the next poll. */
const webhookMaxBytes = 1024 * 1024;
/** So many bodies at once may be larger than those of any other request. */
const largeBodies = { total: 16, each: 4 };

/** The name in the target of a request for a webhook; null: it is for something else. */
export function webhookName(method: string, target: string): string | null {
  return (method === "POST" && /^\/webhook\/([^/?#]+)(?:\?|$)/.exec(target)?.[1]) || null;
}

export class WebhookDoor {
  readonly #take: TakeWebhook;
  readonly #failedLogins: FailedLogins;
  readonly #large = new Crowd(largeBodies);

  constructor(take: TakeWebhook, failedLogins: FailedLogins) {
    this.#take = take;
    this.#failedLogins = failedLogins;
  }

  /** `from`: the remote address. Rejects when the caller hangs up before its request is whole. */
  async answer(name: string, request: IncomingMessage, door: DoorName, from: string): Promise<Outgoing> {
    const body = await this.#read(request, peerOf(from));
    if (!Buffer.isBuffer(body)) return body;
    const { reply, isRefused } = this.#take({ name, headers: request.headers, body });
    return isRefused && this.#failedLogins.note(door, from) ? tooManyFailures : reply;
  }

  async #read(request: IncomingMessage, peer: string): Promise<Buffer | Outgoing> {
    let seat: Seat | null = null;
    const fits = (bytes: number): boolean => {
      if (bytes > webhookMaxBytes) return false;
      if (bytes <= bodyMaxBytes || seat !== null) return true;
      // Nobody has proven anything yet: the one that takes longest goes first.
      seat = this.#large.enter(peer, { rank: 0, above: 1, hangUp: () => void request.destroy() });
      return seat !== null;
    };
    try {
      return (await readBytes(request, fits)) ?? tooLong;
    } finally {
      (seat as Seat | null)?.leave();
    }
  }
}

const tooLong: Outgoing = {
  ...problem(
    413,
    `A webhook has at most ${webhookMaxBytes} bytes; the next poll sees what it would have told`,
  ),
  hangUp: true,
};
