/** SSH, by the program ssh: it brings agents, ssh_config(5), jumps and known hosts. */
import * as z from "zod/mini";
import { problemReply } from "../../api/shapes.ts";
import { ExecFailure, exec, execStream } from "../../platform/process/exec.ts";
import { Failure } from "../failure.ts";
import type { Answer, Connection, Limits, Question, SshWay } from "./connection.ts";
import { readReply } from "./reply.ts";
import { explainSsh } from "./ssh-errors.ts";
import { renderTarget } from "./target.ts";

/** The daemon's exit statuses for a class of HTTP statuses. */
const refusedStatuses = [4, 5];
const silenceMaxMs = 60_000;

/** Nothing of a user's config for shells gets in the way, and nobody is asked for a password. */
export function sshArgv(
  { host, port, identity }: SshWay,
  question: Question,
  lastEventId: string | null = null,
) {
  const resume = lastEventId === null ? [] : [`Last-Event-ID=${lastEventId}`];
  return [
    ...[
      "ssh",
      "-T",
      "-p",
      String(port),
      "-oBatchMode=yes",
      "-oConnectTimeout=10",
      "-oServerAliveInterval=15",
    ],
    ...["-oClearAllForwardings=yes", "-oRemoteCommand=none", "-oPermitLocalCommand=no"],
    ...(identity === null ? [] : ["-i", identity, "-oIdentitiesOnly=yes"]),
    ...["--", host, [question.method, question.path, ...resume].join(" ")],
  ];
}

export function sshConnection(way: SshWay, limits: Limits): Connection {
  return {
    name: renderTarget(way),
    async ask(question) {
      const options = {
        ...surroundings(question),
        timeoutMs: limits.timeoutMs,
        stdoutMaxBytes: limits.replyMaxBytes,
        okStatus: [0, ...refusedStatuses],
      };
      try {
        const { status, stdout } = await exec(sshArgv(way, question), options);
        return status === 0 ? { status: 200, body: stdout } : refusalOf(stdout, way);
      } catch (error) {
        throw explain(error, way, limits);
      }
    },
    async *follow({ lastEventId, ...question }, signal) {
      const argv = sshArgv(way, question, lastEventId);
      const options = { ...surroundings(question), idleTimeoutMs: silenceMaxMs, signal };
      let problem = "";
      try {
        for await (const text of execStream(argv, options)) {
          // A refusal is told by the exit status, and by a problem before it.
          if (problem !== "" || text.startsWith("{")) problem += text;
          else yield text;
          if (problem.length > limits.replyMaxBytes) return;
        }
        if (problem !== "") yield problem;
      } catch (error) {
        if (error instanceof ExecFailure && refusedStatuses.includes(error.status ?? 0))
          readReply(refusalOf(problem, way), z.unknown());
        throw explain(error, way, limits);
      }
    },
  };
}

/** The user's own environment has the agent, and what ssh_config(5) may name. */
function surroundings({ body }: Question) {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const env: Record<string, string> = { ...Object.fromEntries(own), LC_ALL: "C" };
  return { env, cwd: process.cwd(), input: body === undefined ? "" : JSON.stringify(body) };
}

function refusalOf(stdout: string, way: SshWay): Answer {
  const problem = z.safeParse(problemReply, parseJson(stdout));
  if (problem.success) return { status: problem.data.status, body: stdout };
  throw new Failure(
    `Cannot reach gitopper at ${renderTarget(way)}: what answers there is not gitopper; check the port, usually 2222`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function explain(error: unknown, way: SshWay, { timeoutMs, replyMaxBytes }: Limits): unknown {
  if (!(error instanceof ExecFailure)) return error;
  const name = renderTarget(way);
  if (/wrote more than/.test(error.message))
    return new Failure(`Cannot use the reply of ${name}: the reply is larger than ${replyMaxBytes} bytes`);
  return new Failure(`Cannot reach gitopper at ${name}: ${explainSsh(saidBy(error, timeoutMs), way)}`, {
    cause: error,
  });
}

function saidBy(error: ExecFailure, timeoutMs: number) {
  if (/no end after/.test(error.message)) return { status: null, text: `no answer in ${timeoutMs / 1000} s` };
  return { status: error.status, text: error.stderr || error.message };
}
