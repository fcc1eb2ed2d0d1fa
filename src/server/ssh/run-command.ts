/** Runs one SSH command: asks the desk, and writes its reply with an exit status. */
import type { Socket } from "node:net";
import type { ServerChannel } from "ssh2";
import type { Caller } from "../../api/caller.ts";
import { problem } from "../../api/problem.ts";
import { harmless } from "../../model/text/harmless.ts";
import { type Desk, type DeskReply, dispatch } from "../dispatch.ts";
import { bodyMaxBytes } from "../http/read-body.ts";
import { parseSshCommand, type SshRequest, usage } from "./command.ts";

const bodyTimeoutMs = 10_000;
const writeTimeoutMs = 30_000;
/** What may wait in memory for a connection that is slower than we are. */
const unsentMaxBytes = 1024 * 1024;

export interface Line {
  readonly channel: ServerChannel;
  readonly socket: Socket;
  readonly caller: Caller;
  /** Aborted when the caller hangs up. */
  readonly hungUp: AbortSignal;
}

/** Never rejects. Exit status 0, or 4 or 5 as the class of an HTTP status, with a line on stderr. */
export async function runCommand(command: string, line: Line, desk: Desk): Promise<void> {
  const request = parseSshCommand(command);
  if (request === null) return end(line, 4, usage);
  try {
    const reply = await answer(request, line, desk);
    if (reply.status === 200) return await deliver(reply, line);
    const body = typeof reply.body === "string" ? reply.body : "";
    if (request.tellsProblem) await send(body, line);
    end(line, Math.floor(reply.status / 100), detailOf(body));
  } catch (error) {
    if (!line.hungUp.aborted) desk.log("an SSH command could not be answered", error);
    end(line, 5, "The daemon could not answer, and its log says why");
  }
}

/** Ends a command with a status, and what to tell a person. */
export function end({ channel }: Pick<Line, "channel">, status: number, message = ""): void {
  if (message !== "") channel.stderr.write(`gitopper: ${harmless(message)}\n`);
  channel.exit(status);
  channel.end();
}

async function answer(request: SshRequest, line: Line, desk: Desk): Promise<DeskReply> {
  const body = request.takesBody ? await readBody(line) : "";
  if (typeof body !== "string") return body;
  // What comes on stdin is not wanted, but the end of the channel stands behind it.
  line.channel.resume();
  const { method, target, lastEventId } = request;
  return dispatch({ method, target, body, lastEventId, caller: line.caller, signal: line.hungUp }, desk);
}

function readBody({ channel, hungUp }: Line): Promise<string | DeskReply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = (result: string | DeskReply) => {
      clearTimeout(timer);
      resolve(result);
    };
    const late = () =>
      done(
        problem(
          400,
          `The body on stdin did not end in ${bodyTimeoutMs / 1000} s; without one, add </dev/null`,
        ),
      );
    const timer = setTimeout(late, bodyTimeoutMs);
    hungUp.addEventListener("abort", late, { once: true });
    channel.on("end", () => done(Buffer.concat(chunks).toString("utf8")));
    channel.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyMaxBytes) chunks.push(chunk);
      else done(problem(413, `A body may have ${bodyMaxBytes} bytes`));
    });
  });
}

async function deliver({ body }: DeskReply, line: Line): Promise<void> {
  for await (const part of typeof body === "string" ? [body] : body) {
    if (await send(part, line)) continue;
    line.socket.destroy();
    return;
  }
  end(line, 0);
}

/** False: the caller has hung up, or does not read. */
async function send(text: string, line: Line): Promise<boolean> {
  const { channel, socket } = line;
  if (!(await settled((done) => void channel.write(text, done), line.hungUp))) return false;
  if (socket.writableLength < unsentMaxBytes) return true;
  return settled((done) => void socket.once("drain", done), line.hungUp);
}

/** Whether something is done in time, and before the caller hangs up. */
function settled(start: (done: () => void) => void, hungUp: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (well: boolean) => {
      clearTimeout(timer);
      hungUp.removeEventListener("abort", fail);
      resolve(well);
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
