/** Runs one SSH command: dispatches its request, and writes the reply with an exit status. */
import { once } from "node:events";
import type { Socket } from "node:net";
import type { ServerChannel } from "ssh2";
import type { Caller } from "../../api/caller.ts";
import { problem } from "../../api/problem.ts";
import { harmless } from "../../model/text/harmless.ts";
import { dispatch, type Router, type RouterReply } from "../dispatch.ts";
import { bodyMaxBytes, readBody } from "../http/read-body.ts";
import { parseSshCommand, type SshRequest, usage } from "./command.ts";

const bodyTimeoutMs = 10_000;
const writeTimeoutMs = 30_000;
/** How much may be buffered for a slow connection. */
const unsentMaxBytes = 1024 * 1024;

export interface Session {
  readonly channel: ServerChannel;
  readonly socket: Socket;
  readonly caller: Caller;
  /** Aborted when the caller hangs up. */
  readonly hungUp: AbortSignal;
}

/** Never rejects. Exit status 0, or 4 or 5 as the class of an HTTP status, with a line on stderr. */
export async function runCommand(command: string, session: Session, router: Router): Promise<void> {
  const request = parseSshCommand(command);
  if (request === null) return end(session, 4, usage);
  try {
    const reply = await answer(request, session, router);
    if (reply.status === 200) return await deliver(reply, session);
    const body = typeof reply.body === "string" ? reply.body : "";
    if (request.writesProblem) await send(body, session);
    end(session, Math.floor(reply.status / 100), detailOf(body));
  } catch (error) {
    if (!session.hungUp.aborted) router.log("an SSH command could not be answered", error);
    end(session, 5, "The daemon could not answer, and its log says why");
  }
}

/** Ends a command with an exit status and a line on stderr. */
export function end({ channel }: Pick<Session, "channel">, status: number, message = ""): void {
  if (message !== "") channel.stderr.write(`gitopper: ${harmless(message)}\n`);
  channel.exit(status);
  channel.end();
}

async function answer(request: SshRequest, session: Session, router: Router): Promise<RouterReply> {
  const body = request.takesBody ? await readStdin(session) : "";
  if (typeof body !== "string") return body;
  // Stdin is discarded; it has to be read to see the end of the channel.
  session.channel.resume();
  const { method, target, lastEventId } = request;
  const { caller, hungUp: signal } = session;
  return dispatch({ method, target, body, lastEventId, caller, signal }, router);
}

async function readStdin({ channel, hungUp }: Session): Promise<string | RouterReply> {
  const over = AbortSignal.any([hungUp, AbortSignal.timeout(bodyTimeoutMs)]);
  const late = `The body on stdin did not end in ${bodyTimeoutMs / 1000} s; without one, add </dev/null`;
  const body = readBody(channel).then(
    (bytes) => bytes?.toString("utf8") ?? problem(413, `A body may have ${bodyMaxBytes} bytes`),
  );
  return Promise.race([body, once(over, "abort").then(() => problem(400, late))]);
}

async function deliver({ body }: RouterReply, session: Session): Promise<void> {
  for await (const part of typeof body === "string" ? [body] : body) {
    if (await send(part, session)) continue;
    session.socket.destroy();
    return;
  }
  end(session, 0);
}

/** False: the caller has hung up or does not read. */
async function send(text: string, session: Session): Promise<boolean> {
  const { channel, socket } = session;
  if (!(await completes((done) => void channel.write(text, done), session.hungUp))) return false;
  if (socket.writableLength < unsentMaxBytes) return true;
  return completes((done) => void socket.once("drain", done), session.hungUp);
}

/** Whether `start` completes in time and before the caller hangs up. */
function completes(start: (done: () => void) => void, hungUp: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (succeeded: boolean) => {
      clearTimeout(timer);
      hungUp.removeEventListener("abort", fail);
      resolve(succeeded);
    };
    const fail = () => finish(false);
    const timer = setTimeout(fail, writeTimeoutMs);
    hungUp.addEventListener("abort", fail);
    if (hungUp.aborted) return fail();
    start(() => finish(true));
  });
}

function detailOf(body: string): string {
  const { detail } = JSON.parse(body) as { readonly detail?: unknown };
  return String(detail ?? "");
}
