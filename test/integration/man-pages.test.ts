/** The manual pages as man(1) shows them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { renderManPages } from "../../scripts/render-man.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-man-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const pages = renderManPages();

function show(name: string, text: string) {
  const path = join(scratch, name);
  writeFileSync(path, text);
  const env = { PATH: process.env.PATH, LC_ALL: "C.UTF-8", MANWIDTH: "80" };
  return spawnSync("man", ["-l", "--warnings", path], { env, encoding: "utf8", timeout: 20_000 });
}

test.each(Object.entries(pages))("%s is shown without a warning, and fits", (name, text) => {
  const { status, stdout, stderr } = show(name, text);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("a page that is wrong does give a warning", () => {
  expect(show("wrong.1", ".TH WRONG 1\n.SH NAME\n\\[nosuch]\n").stderr).toContain("nosuch");
});

test.each([
  [
    "gitopperctl.1",
    [
      "unfreeze [@host] <service>",
      "--override-window",
      "GITOPPER_TOKEN",
      "3      done, but a service is BROKEN",
    ],
  ],
  ["gitopper.8", ["-t, --duration <time>", "--state-dir <dir>", "(default: 5m)"]],
  ["gitopperhdr.1", ["-p, --prefix <text>", "gitopperhdr -p // -l nl named.conf"]],
])("%s has what the program takes", (name, words) => {
  const { stdout } = show(name, pages[name] ?? "");
  for (const text of words) expect(stdout).toContain(text);
});
