/** Runs a command that writes lines until it is stopped, for one host or several. */
import type { Invocation } from "./cli/command-line.ts";
import type { Action, Display, LineOutput, Session } from "./cli/definition.ts";
import type { Environment } from "./environment.ts";
import { Failure } from "./failure.ts";
import { askEach } from "./fan-out.ts";
import type { Endpoint } from "./hosts/reach.ts";
import { remark as asRemark } from "./output/present.ts";
import { showProgress } from "./output/progress.ts";
import type { Terminal } from "./output/terminal.ts";
import { visible, visibleJson, widthOf } from "./output/visible.ts";

/** Returns the exit status. @throws Failure when there is only one host, and it fails */
export async function follow(
  action: Extract<Action, { over: "time" }>,
  endpoints: readonly Endpoint[],
  { input, display, globals: { json } }: Invocation & { readonly display: Display },
  { terminal, clock, untilInterrupted }: Environment,
): Promise<number> {
  const signal = untilInterrupted();
  const shown = showProgress(terminal, endpoints.length);
  const isAlone = endpoints.length === 1;
  const widest = Math.max(...endpoints.map(({ name }) => widthOf(name)));
  const followOne = async ({ name, connection: host }: Endpoint) => {
    const output = outputFor(terminal, json);
    const { line, remark } = isAlone ? output : ofHost(name, widest, output);
    const session: Session = {
      ...{ name, host, display, clock, signal },
      progress: (text) => shown.show(name, text),
      step: (text) => {
        if (display.width === null && !json) line(text, "");
      },
    };
    const around: LineOutput = {
      line: (text, body) => shown.around(() => line(text, body)),
      remark: (text) => shown.around(() => remark(text)),
    };
    await action.run(input, session, around).catch((error: unknown) => {
      if (error instanceof Failure && !isAlone) remark(error.message);
      throw error;
    });
  };
  // All at once, because none of them ends.
  const outcomes = await askEach(endpoints, followOne, endpoints.length);
  const failure = outcomes.map(({ result }) => result).find((result) => result instanceof Failure);
  if (isAlone && failure !== undefined) throw failure;
  return failure === undefined ? 0 : 1;
}

function outputFor(terminal: Terminal, json: boolean): LineOutput {
  return {
    line: (text, body) => terminal.write(`${json ? visibleJson(body) : text}\n`),
    remark: (text) => terminal.writeError(asRemark(text, terminal)),
  };
}

function ofHost(host: string, widest: number, { line, remark }: LineOutput): LineOutput {
  const column = visible(host) + " ".repeat(widest - widthOf(host));
  return {
    line: (text, body) => line(`${column}  ${text}`, `{"host":${JSON.stringify(host)},"event":${body}}`),
    remark: (text) => remark(`${host}: ${text}`),
  };
}
