import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ctl } from "../../demo/look.ts";
import { createSay } from "../../demo/say.ts";
import { repositoryRoot } from "../host/host.ts";
import { run } from "../host/run.ts";

test("the README's demo goes through to its tables", { timeout: 240_000 }, async () => {
  const { PATH = "" } = process.env;
  const { stdout } = await run(["/bin/sh", "-euc", demoOfReadme()], {
    cwd: repositoryRoot,
    timeoutMs: 180_000,
    env: { PATH },
  });

  const [, lastScreen = ""] = stdout.split(/^10 {2}The tables$/m);
  expectInOrder(lastScreen, [
    ...[/gitopperctl list machines/, /web1 +web1/],
    ...[/gitopperctl status/, /nginx +FREEZE/, /release 5/, /big sale/],
    /gitopperctl log nginx/,
    ...[/unfreeze +root +done/, /rollback +root +done/, /revert +done/],
    ...[/pull +root +failed/, /answered 404 instead of 200/],
    ...[/pull +root +failed/, /nginx -t: exit status 1:/],
    ...[/pull +root +done/, /poll +done/],
    /It took \d+\.\d s\.$/,
  ]);
});

test("a command that does not end as the story says ends the story", async () => {
  let printed = "";
  const say = createSay((text) => {
    printed += text;
  }, false);
  const gitopper = { tryCtl: async () => ({ status: 1, stdout: "", stderr: "connection refused\n" }) };
  await expect(ctl({ gitopper }, say, ["pull", "nginx", "--wait"], 0)).rejects.toThrow(
    'Not as expected: "gitopperctl pull nginx --wait" is expected to end with 0, and ended with 1',
  );
  expect(printed).toContain("connection refused");
});

/** Without `npm ci`, which would take away the packages that this test runs with. */
function demoOfReadme(): string {
  const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");
  const [, command] = /^npm ci && (npm run demo)\b/m.exec(readme) ?? [];
  if (command === undefined) throw new Error("README.md has no line `npm ci && npm run demo`");
  return command;
}

/** Each of the patterns, in the line of the one before it or in a later one. */
function expectInOrder(screen: string, patterns: readonly RegExp[]): void {
  const lines = screen.split("\n");
  let at = 0;
  for (const pattern of patterns) {
    at = lines.findIndex((line, index) => index >= at && pattern.test(line));
    if (at < 0) expect.fail(`${pattern} is not where it should be in the last screen:\n${screen}`);
  }
}
