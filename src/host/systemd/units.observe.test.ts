import { expect, test } from "vitest";
import type { Exec } from "../../platform/process/exec.ts";
import { createUnitObserver } from "./units.ts";

/** An exec whose `systemctl show` ends when the test ends it; `argvs` are those that have begun. */
function aSystemd() {
  const running: PromiseWithResolvers<{ status: number; stdout: string; stderr: string }>[] = [];
  const argvs: string[][] = [];
  const exec: Exec = (argv) => {
    argvs.push([...argv]);
    const one = Promise.withResolvers<{ status: number; stdout: string; stderr: string }>();
    running.push(one);
    return one.promise;
  };
  const units = (at: number) => argvs[at]?.slice((argvs[at]?.indexOf("--") ?? 0) + 1);
  const end = () => {
    const stdout = (units(running.length - 1) ?? []).map((unit) => `Id=${unit}\n`).join("\n");
    running.at(-1)?.resolve({ status: 0, stdout, stderr: "" });
  };
  const fail = () => running.at(-1)?.reject(new Error("no systemd"));
  return { observe: createUnitObserver(exec), argvs, units, end, fail };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("queries during a query share the next one", async () => {
  const { observe, argvs, units, end } = aSystemd();
  const first = [observe("a.service"), observe("b.service")];
  await settled();
  expect(units(0)).toEqual(["a.service", "b.service"]);
  const later = [observe("a.service"), observe("c.service"), observe("c.service")];
  await settled();
  expect(argvs).toHaveLength(1);
  end();
  expect((await Promise.all(first)).map(({ id }) => id)).toEqual(["a.service", "b.service"]);
  await settled();
  expect(units(1)).toEqual(["a.service", "c.service"]);
  end();
  expect((await Promise.all(later)).map(({ id }) => id)).toEqual(["a.service", "c.service", "c.service"]);
  expect(argvs).toHaveLength(2);
});

test("a failed query fails only those that share it", async () => {
  const { observe, argvs, fail, end } = aSystemd();
  const first = observe("a.service");
  await settled();
  const later = observe("a.service");
  fail();
  await expect(first).rejects.toThrow("no systemd");
  await settled();
  expect(argvs).toHaveLength(2);
  end();
  expect((await later).id).toBe("a.service");
});
