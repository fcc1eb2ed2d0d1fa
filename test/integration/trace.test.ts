import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { exec } from "../../src/platform/process/exec.ts";
import { during, duringSync, mark } from "../../src/platform/trace/span.ts";
import { startTrace } from "../../src/platform/trace/trace.ts";

interface TraceEvent {
  readonly ph: string;
  readonly tid: number;
  readonly ts: number;
  readonly name?: string;
  readonly args?: { readonly pid?: number; readonly status?: number; readonly argv?: string[] };
}

function tempPath(): string {
  const dir = mkdtempSync(join(tmpdir(), "trace-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, "trace.json");
}

function start(path: string, options?: { maxBytes: number }) {
  const warnings: string[] = [];
  const stop = startTrace(path, (line) => warnings.push(line), options);
  onTestFinished(stop);
  return { stop, warnings };
}

const read = (path: string): TraceEvent[] => JSON.parse(readFileSync(path, "utf8"));

/** A turn with two steps, one of which runs two processes at once. */
const story = () =>
  during({ name: "turn", track: "app", about: { trigger: "poll" } }, async () => {
    duringSync({ name: "write records" }, () => {});
    await during({ name: "stage" }, () =>
      Promise.all([
        exec(["git", "--version"], limit),
        exec(["sh", "-c", "exit 3"], { ...limit, okStatus: [3] }),
      ]),
    );
  });
const limit = { timeoutMs: 10_000 };

test("spans nest in every row, processes have their pid and end, and the file is JSON at any time", async () => {
  const path = tempPath();
  const { stop } = start(path);
  await story();
  await setImmediate();
  expect(() => JSON.parse(`${readFileSync(path, "utf8")}\n]`)).not.toThrow();
  stop();
  const events = read(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const open = new Map<number, string[]>();
  const paths: string[] = [];
  for (const { ph, tid, name = "" } of events) {
    const stack = open.get(tid) ?? [];
    open.set(tid, stack);
    if (ph === "B") paths.push([...stack, name].join(" > "));
    if (ph === "B") stack.push(name);
    if (ph === "E") expect(name).toBe(stack.pop());
  }
  expect([...open.values()].flat()).toEqual([]);
  expect(paths).toEqual(
    expect.arrayContaining([
      "turn",
      "turn > write records",
      "turn > stage",
      "turn > stage > spawn",
      "git",
      "sh",
    ]),
  );
  expect(events.map(({ ts }) => ts)).toEqual(events.map(({ ts }) => ts).toSorted((a, b) => a - b));

  const sh = events.find(({ name }) => name === "sh");
  // Its words may be secret.
  expect(sh?.args).toEqual({ pid: expect.any(Number), argv: ["sh", "… and 2 more"] });
  const end = events.find(({ ph, tid, ts }) => ph === "E" && tid === sh?.tid && ts >= (sh?.ts ?? 0));
  expect(end?.args).toEqual({ status: 3 });
});

test("no secret of a URL gets in", async () => {
  const path = tempPath();
  const { stop } = start(path);
  const url = 'https://bob:pa"ss@127.0.0.1:1/x.git'.replace('"', "%22");
  await exec(["git", "-c", "a.b=c", "ls-remote", url], { ...limit, okStatus: [128] });
  mark({ name: "pushed", track: `${url} for root`, about: { url } });
  stop();
  const text = readFileSync(path, "utf8");
  expect(text).not.toMatch(/bob|pa%22ss/);
  expect(text).toContain('"name":"git ls-remote"');
  expect(text).toContain("https://***@127.0.0.1:1/x.git for root");
});

test("a failure ends its span, and passes", async () => {
  const path = tempPath();
  const { stop } = start(path);
  await expect(during({ name: "look" }, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(() =>
    duringSync({ name: "write" }, () => {
      throw new Error("full");
    }),
  ).toThrow("full");
  stop();
  expect(read(path).filter(({ ph }) => ph === "B" || ph === "E").length).toBe(4);
});

test("a trace has a largest size, says once that it has it, and stays whole", async () => {
  const path = tempPath();
  const { warnings } = start(path, { maxBytes: 4_096 });
  for (let round = 0; round < 20; round++) await story();
  expect(warnings).toEqual([expect.stringContaining("ends here")]);
  expect(statSync(path).size).toBeLessThanOrEqual(4_096);
  expect(read(path).length).toBeGreaterThan(10);
});

test("what is there already is kept aside, and a link is not followed", () => {
  const path = tempPath();
  start(path).stop();
  const first = readFileSync(path, "utf8");
  start(path).stop();
  expect(readFileSync(`${path}.old`, "utf8")).toBe(first);
  const link = `${path}.link`;
  symlinkSync(path, link);
  expect(() => start(link)).toThrow(
    `Cannot write a trace to ${JSON.stringify(link)}: something is there that is not a plain file`,
  );
});
