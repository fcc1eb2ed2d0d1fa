import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { publishStage } from "../../src/git/checkout/publish.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { type Readings, readerScript, textOf } from "../builders/reader.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-readers-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const { username, uid, gid, homedir } = userInfo();
const account = { name: username, uid, gid, home: homedir };
const names = Array.from({ length: 200 }, (_, index) => `d${index % 7}/file${index}`);
const at = (path: string) => join(scratch, path) as AbsPath;

function write(top: string, generation: number, some: readonly string[]): void {
  for (let index = 0; index < 7; index += 1) mkdirSync(at(`${top}/d${index}`), { recursive: true });
  for (const name of some) writeFileSync(at(`${top}/${name}`), textOf(generation));
}

test("in 500 publishes no reader of 200 files sees one that is not whole", async () => {
  write("live", 0, names);
  mkdirSync(at("trash"));
  const files = names.map((name) => at(`live/${name}`));
  const reader = spawn(process.execPath, ["--eval", readerScript, ...files], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  reader.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(reader, "close");
  try {
    await once(reader.stdout, "data");
    for (let generation = 1; generation <= 500; generation += 1) {
      write(
        "tree",
        generation,
        names.filter((_, index) => index % 10 === generation % 10),
      );
      const stage = { tree: at("tree"), trash: at("trash"), removed: [] };
      const tools = { exec, yieldToEventLoop: async () => {} };
      using _ = await publishStage({ checkout: at("live"), account }, stage, tools);
    }
  } finally {
    reader.kill("SIGTERM");
    await ended;
  }
  const seen = JSON.parse(output.trim().split("\n").at(-1) ?? "") as Readings;
  expect(seen).toMatchObject({ bad: 0, firstBad: null });
  // Else it has seen nothing of what happened.
  expect(seen.generations).toBeGreaterThan(100);
}, 120_000);
