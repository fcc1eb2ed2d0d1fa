/** Runs a command that writes lines until it is stopped, for one host or several. */
import type { Action, CommandInput, Display, LineOutput } from "./cli/definition.ts";
import type { Environment } from "./environment.ts";
import { Failure } from "./failure.ts";
import { askEach } from "./fan-out.ts";
import type { Endpoint } from "./hosts/reach.ts";
import { remark as asRemark } from "./output/present.ts";
import { showProgress } from "./output/progress.ts";
import type { Terminal } from "./output/terminal.ts";
import { visible, visibleJson, widthOf } from "./output/visible.ts";

export interface FollowOptions {
  readonly input: CommandInput;
  readonly display: Display;
  readonly globals: { readonly json: boolean };
}

/** Returns the exit status. @throws Failure when there is only one host, and it fails */
export async function follow(
  action: Extract<Action, { over: "time" }>,
  endpoints: readonly Endpoint[],
  { input, display, globals }: FollowOptions,
  { terminal, clock, untilInterrupted }: Environment,
): Promise<number> {
  const signal = untilInterrupted();
  const shown = showProgress(terminal, endpoints.length);
  const followOne = ({ name, connection: host }: Endpoint, { line, remark }: LineOutput) => {
    const progress = (text: string) => (text === "" ? shown.done(name) : shown.show(name, text));
    const step = (text: string) => {
      if (display.width === null && !globals.json) line(text, "");
    };
    const output: LineOutput = {
      line: (text, body) => shown.around(() => line(text, body)),
      remark: (text) => shown.around(() => remark(text)),
    };
    return action.run(input, { name, host, display, clock, signal, progress, step }, output);
  };
  const [only] = endpoints;
  if (endpoints.length === 1 && only !== undefined) {
    await followOne(only, outputFor(terminal, globals.json));
    return 0;
  }
  const widest = Math.max(...endpoints.map(({ name }) => widthOf(name)));
  const outcomes = await askEach(
    endpoints,
    (endpoint) => {
      const output = outputForHost(terminal, globals.json, endpoint.name, widest);
      return followOne(endpoint, output).catch((error: unknown) => {
        if (error instanceof Failure) output.remark(error.message);
        throw error;
      });
    },
    // All at once, because none of them ends.
    endpoints.length,
  );
  return outcomes.some(({ result }) => result instanceof Failure) ? 1 : 0;
}

function outputFor(terminal: Terminal, json: boolean): LineOutput {
  return {
    line: (text, body) => terminal.write(`${json ? visibleJson(body) : text}\n`),
    remark: (text) => terminal.writeError(asRemark(text, terminal)),
  };
}

function outputForHost(terminal: Terminal, json: boolean, host: string, widest: number): LineOutput {
  const { line, remark } = outputFor(terminal, json);
  const column = visible(host) + " ".repeat(widest - widthOf(host));
  return {
    line: (text, body) => line(`${column}  ${text}`, `{"host":${JSON.stringify(host)},"event":${body}}`),
    remark: (text) => remark(`${host}: ${text}`),
  };
}
