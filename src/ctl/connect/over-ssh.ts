/** The SSH transport, by the program ssh: it supports agents, ssh_config(5), jump hosts and known hosts. */
import * as z from "zod/mini";
import { problemReply } from "../../api/shapes.ts";
import { parseJson } from "../../model/text/untrusted.ts";
import { ExecFailure, exec, execStream } from "../../platform/process/exec.ts";
import { Failure } from "../failure.ts";
import { renderNamed } from "../hosts/named.ts";
import type { ApiReply, ApiRequest, Connection, Limits, SshTransport } from "./connection.ts";
import { readReply } from "./reply.ts";
import { explainSsh } from "./ssh-errors.ts";

/** The daemon's exit statuses for classes of HTTP statuses. */
const refusedStatuses = [4, 5];
const silenceMaxMs = 60_000;

/** Ignores the user's settings for interactive shells, and never prompts. */
export function sshArgv(
  { host, port, identity }: SshTransport,
  request: ApiRequest,
  { lastEventId = null, timeoutMs = 10_000 }: { lastEventId?: string | null; timeoutMs?: number } = {},
) {
  // Ends before our own time-out, so that ssh reports how far it got.
  const connectSeconds = Math.min(10, Math.max(1, Math.ceil(timeoutMs / 1000) - 1));
  const resume = lastEventId === null ? [] : [`Last-Event-ID=${lastEventId}`];
  return [
    ...[
      "ssh",
      "-T",
      "-p",
      String(port),
      "-oBatchMode=yes",
      `-oConnectTimeout=${connectSeconds}`,
      "-oServerAliveInterval=15",
    ],
    ...["-oClearAllForwardings=yes", "-oRemoteCommand=none", "-oPermitLocalCommand=no"],
    ...(identity === null ? [] : ["-i", identity, "-oIdentitiesOnly=yes"]),
    ...["--", host, [request.method, request.path, ...resume].join(" ")],
  ];
}

export function sshConnection(transport: SshTransport, limits: Limits): Connection {
  return {
    async send(request) {
      const options = {
        ...processOptions(request),
        timeoutMs: limits.timeoutMs,
        stdoutMaxBytes: limits.replyMaxBytes,
        okStatus: [0, ...refusedStatuses],
      };
      try {
        const { status, stdout } = await exec(sshArgv(transport, request, limits), options);
        return status === 0 ? { status: 200, body: stdout } : refusalOf(stdout, transport);
      } catch (error) {
        throw explain(error, transport, limits);
      }
    },
    async *follow({ lastEventId, ...request }, signal) {
      const argv = sshArgv(transport, request, { lastEventId, ...limits });
      const options = { ...processOptions(request), idleTimeoutMs: silenceMaxMs, signal };
      let problem = "";
      try {
        for await (const text of execStream(argv, options)) {
          // A refusal is an exit status, with a problem on stdout before it.
          if (problem !== "" || text.startsWith("{")) problem += text;
          else yield text;
          if (problem.length > limits.replyMaxBytes) return;
        }
        if (problem !== "") yield problem;
      } catch (error) {
        if (error instanceof ExecFailure && refusedStatuses.includes(error.status ?? 0))
          readReply(refusalOf(problem, transport), z.unknown());
        throw explain(error, transport, limits);
      }
    },
  };
}

/** Keeps the user's environment, which has the agent and what ssh_config(5) may refer to. */
function processOptions({ body }: ApiRequest) {
  const env = { ...process.env, LC_ALL: "C" };
  return { env, cwd: process.cwd(), input: body === undefined ? "" : JSON.stringify(body) };
}

function refusalOf(stdout: string, transport: SshTransport): ApiReply {
  const problem = z.safeParse(problemReply, parseJson(stdout));
  if (problem.success) return { status: problem.data.status, body: stdout };
  throw new Failure(
    `Cannot reach gitopper at ${renderNamed(transport)}: what answers there is not gitopper; check the port, usually 2222`,
  );
}

function explain(error: unknown, transport: SshTransport, { timeoutMs, replyMaxBytes }: Limits): unknown {
  if (!(error instanceof ExecFailure)) return error;
  const name = renderNamed(transport);
  if (error.cut === "overflow")
    return new Failure(`Cannot use the reply of ${name}: the reply is larger than ${replyMaxBytes} bytes`);
  const output =
    error.cut === "time"
      ? { status: null, text: `no answer in ${timeoutMs / 1000} s` }
      : { status: error.status, text: error.stderr || error.message };
  return new Failure(`Cannot reach gitopper at ${name}: ${explainSsh(output, transport)}`, { cause: error });
}
