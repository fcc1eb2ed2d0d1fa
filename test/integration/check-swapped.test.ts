/** The staged tree, and often the places of its links, are in directories that a service's user can change any time. */
import { spawn } from "node:child_process";
import { existsSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Refusal } from "../../src/model/problem.ts";
import { aBind, check, put, scratch } from "./a-check.ts";

test.each(["source", "target"])(
  "a %s that was swapped for a symlink is noticed, and nothing is run",
  async (end) => {
    const log = join(scratch, `swapped/${end}/log`);
    for (const name of ["stage", "live", "victim"]) put(`swapped/${end}/${name}/f`, name);
    const [stage, live] = [join(scratch, `swapped/${end}/stage`), join(scratch, `swapped/${end}/live`)];
    const binds = [aBind(stage, live)];
    const swapped = end === "source" ? stage : live;
    renameSync(swapped, `${swapped}.old`);
    symlinkSync(join(scratch, `swapped/${end}/victim`), swapped);
    const problem = await check([`touch ${log}`], { binds });
    expect(problem).not.toBeInstanceOf(Refusal);
    expect(problem?.message).toBe(
      "Cannot mount what is to be checked: something on the way to them was swapped",
    );
    expect(existsSync(log)).toBe(false);
  },
);

/** Swaps a directory for a symlink and back, for as long as `work` takes. */
async function whileSwapping(path: string, to: string, work: () => Promise<void>): Promise<void> {
  const script = 'while :; do mv "$1" "$1.old"; ln -s "$2" "$1"; rm "$1"; mv "$1.old" "$1"; done';
  const swapper = spawn("sh", ["-c", script, "swap", path, to], { stdio: "ignore" });
  const ended = new Promise((resolve) => swapper.once("close", resolve));
  await work().finally(() => swapper.kill("SIGKILL"));
  await ended;
}

test.each(["source", "target"])("a %s that is swapped all the time leads nowhere else", async (end) => {
  for (const name of ["stage", "live", "victim"]) put(`race/${end}/${name}/f`, name);
  const at = (name: string) => join(scratch, `race/${end}/${name}`);
  const binds = [aBind(at("stage"), at("live"))];
  // A live path that is swapped may well lead elsewhere, but nothing may be mounted there.
  const script = `grep -q ${end}/victim /proc/self/mountinfo && exit 3; [ ${end} = target ] || grep -q stage ${at("live")}/f`;
  await whileSwapping(at(end === "source" ? "stage" : "live"), at("victim"), async () => {
    for (let round = 0; round < 40; round += 1)
      expect(await check([script], { binds })).not.toBeInstanceOf(Refusal);
  });
});
