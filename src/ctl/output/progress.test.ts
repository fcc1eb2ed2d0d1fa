import { describe, expect, test } from "vitest";
import { showProgress } from "./progress.ts";
import { widthOf } from "./visible.ts";

/** A terminal that keeps what is drawn; its width may change. */
function aTerminal(progressWidth: number | null) {
  const drawn: string[] = [];
  const terminal = {
    ...{ progressWidth, width: progressWidth, colour: false, ask: null, write: () => {} },
    writeError: (text: string) => void drawn.push(text.replace("\r\x1b[K", "")),
  };
  return { terminal, drawn };
}

const steps = "nginx 1a2b3c4d: fetched · checked (nginx -t) · live · reloaded · healthy 4/10 s";

describe("the line that shows what goes on", () => {
  test("fits the terminal as it is now, and keeps what it is about and the newest step", () => {
    const { terminal, drawn } = aTerminal(80);
    const progress = showProgress(terminal, 1);
    progress.show("web1", `${steps}, 12 s`);
    terminal.progressWidth = 42;
    progress.show("web1", `${steps}, 13 s`);
    terminal.progressWidth = 20;
    progress.show("web1", steps);
    expect(drawn).toEqual([
      "nginx 1a2b3c4d: … · checked (nginx -t) · live · reloaded · healthy 4/10 s, 12 s",
      "nginx 1a2b3c4d: … · healthy 4/10 s, 13 s",
      "…d · healthy 4/10 s",
    ]);
    for (const [index, line] of drawn.entries()) expect(widthOf(line)).toBeLessThan([80, 42, 21][index] ?? 0);
  });

  test("has room in the usual 80 columns, so that nothing of it stays when a wide terminal becomes narrower", () => {
    const { terminal, drawn } = aTerminal(200);
    showProgress(terminal, 1).show("web1", `${steps} · ${steps}`);
    expect(drawn.map(widthOf)).toEqual([expect.toSatisfy((columns: number) => columns > 60 && columns < 80)]);
  });

  test("of several hosts has the newest step of each", () => {
    const { terminal, drawn } = aTerminal(80);
    const progress = showProgress(terminal, 2);
    progress.show("web1", steps);
    progress.show("web2", "nginx 1a2b3c4d: fetched · check (nginx -t)");
    progress.done("web1");
    expect(drawn).toEqual([
      expect.stringMatching(/^web1: .*healthy 4\/10 s$/),
      "web1: nginx 1a2b3c4d: healthy 4/10 s; web2: nginx 1a2b3c4d: check (nginx -t)",
      "web2: nginx 1a2b3c4d: fetched · check (nginx -t)",
    ]);
  });
});
