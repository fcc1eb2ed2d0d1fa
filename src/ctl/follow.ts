/** Runs a command that writes lines until it is stopped, for one host or several. */
import type { Act, Given, Look, Say } from "./cli/definition.ts";
import type { Surroundings } from "./environment.ts";
import { Failure } from "./failure.ts";
import { askEach } from "./fan-out.ts";
import type { Place } from "./hosts/reach.ts";
import { remark as asRemark } from "./output/present.ts";
import { showProgress } from "./output/progress.ts";
import type { Terminal } from "./output/terminal.ts";
import { visible, visibleJson, widthOf } from "./output/visible.ts";

export interface Followed {
  readonly given: Given;
  readonly look: Look;
  readonly globals: { readonly json: boolean };
}

/** Gives the exit status. @throws Failure where there is one host alone, and it fails */
export async function follow(
  act: Extract<Act, { over: "time" }>,
  places: readonly Place[],
  { given, look, globals }: Followed,
  { terminal, clock, untilInterrupted }: Surroundings,
): Promise<number> {
  const signal = untilInterrupted();
  const shown = showProgress(terminal, places.length);
  const follows = ({ name, connection: host }: Place, { line, remark }: Say) => {
    const progress = (text: string) => (text === "" ? shown.done(name) : shown.tell(name, text));
    const step = (text: string) => {
      if (look.width === null && !globals.json) line(text, "");
    };
    const say: Say = {
      line: (text, body) => shown.around(() => line(text, body)),
      remark: (text) => shown.around(() => remark(text)),
    };
    return act.run(given, { name, host, look, clock, signal, progress, step }, say);
  };
  const [only] = places;
  if (places.length === 1 && only !== undefined) {
    await follows(only, sayFor(terminal, globals.json));
    return 0;
  }
  const widest = Math.max(...places.map(({ name }) => widthOf(name)));
  const outcomes = await askEach(
    places,
    (place) => {
      const say = sayForHost(terminal, globals.json, place.name, widest);
      return follows(place, say).catch((error: unknown) => {
        if (error instanceof Failure) say.remark(error.message);
        throw error;
      });
    },
    // None of them makes room for another.
    places.length,
  );
  return outcomes.some(({ result }) => "failure" in result) ? 1 : 0;
}

function sayFor(terminal: Terminal, json: boolean): Say {
  return {
    line: (text, body) => terminal.write(`${json ? visibleJson(body) : text}\n`),
    remark: (text) => terminal.writeError(asRemark(text, terminal)),
  };
}

function sayForHost(terminal: Terminal, json: boolean, host: string, widest: number): Say {
  const { line, remark } = sayFor(terminal, json);
  const column = visible(host) + " ".repeat(widest - widthOf(host));
  return {
    line: (text, body) => line(`${column}  ${text}`, `{"host":${JSON.stringify(host)},"event":${body}}`),
    remark: (text) => remark(`${host}: ${text}`),
  };
}
