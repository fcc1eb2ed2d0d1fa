import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { besideConfig, KeyRing, keyFaults } from "../../src/credentials/ssh-keys.ts";
import { run } from "../host/run.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-keys-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const at = (name: string) => join(scratch, name);

beforeAll(async () => {
  for (const name of ["ops", "monitor"])
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", at(name)]);
});

const config = (...paths: readonly string[]) => ({
  path: at("config.toml"),
  text: `[global]\nkeys = [\n${paths.map((path) => `  { path = "${path}" },`).join("\n")}\n]\n`,
});

function faults(...paths: readonly string[]) {
  const keys = paths.map((path) => ({ path, readOnly: false }));
  return keyFaults(config(...paths), besideConfig(at("config.toml"), keys));
}

test("public keys beside the config are fine", async () => {
  expect(await faults("ops.pub", at("monitor.pub"))).toEqual([]);
});

test("what is wrong with a key's file is an error of the config at its line", async () => {
  writeFileSync(at("empty.pub"), "");
  writeFileSync(at("open.pub"), readFileSync(at("ops.pub")));
  chmodSync(at("open.pub"), 0o666);
  writeFileSync(at("large.pub"), "#".repeat(70_000));
  const path = (name: string) => `${at("config.toml")}:`.concat(name);
  expect(await faults("ops.pub", "gone.pub", "ops", "empty.pub", "open.pub", "large.pub", ".")).toEqual([
    expect.stringContaining(
      path(`4:5: global.keys[1].path: "${at("gone.pub")}" does not exist; give the file`),
    ),
    expect.stringContaining(
      `5:5: global.keys[2].path: "${at("ops")}" has a private key; give the public one`,
    ),
    expect.stringContaining(`"${at("empty.pub")}" has no key; it takes lines such as "ssh-ed25519 AAAA`),
    expect.stringContaining(`"${at("open.pub")}" could be changed by others than root`),
    expect.stringContaining(`"${at("large.pub")}" has 70000 bytes`),
    expect.stringContaining(`"${scratch}" is not a file`),
  ]);
});

test("a changed file counts without a restart, and a removed key is no longer accepted", async () => {
  const lines: string[] = [];
  const say = (line: unknown) => void lines.push(String(line));
  writeFileSync(at("team.pub"), readFileSync(at("ops.pub")));
  const files = [
    { path: at("team.pub"), readOnly: false },
    { path: at("monitor.pub"), readOnly: true },
  ];
  const ring = new KeyRing(files, { info: say, warn: say });
  const seen = () => ring.current().map(({ comment, readOnly }) => [comment, readOnly]);
  expect(seen()).toEqual([
    ["monitor", true],
    ["ops", false],
  ]);
  writeFileSync(at("team.pub.new"), `${readFileSync(at("monitor.pub"))}`);
  renameSync(at("team.pub.new"), at("team.pub"));
  await expect.poll(seen, { timeout: 5_000 }).toEqual([
    ["monitor", true],
    ["monitor", false],
  ]);
  rmSync(at("team.pub"));
  await expect.poll(seen, { timeout: 5_000 }).toEqual([["monitor", true]]);
  expect(lines.at(-1)).toContain("does not exist; give the file of a public key; its keys do not come in");
});
