import { expect, test } from "vitest";
import type { Exec } from "../../platform/process/exec.ts";
import { createUnitFilesReload } from "./units.ts";

/** An exec whose programs end when the test ends them. */
function aSystemd() {
  const running: PromiseWithResolvers<{ status: number; stdout: string; stderr: string }>[] = [];
  const exec: Exec = (argv) => {
    expect(argv).toEqual(["systemctl", "daemon-reload"]);
    const one = Promise.withResolvers<{ status: number; stdout: string; stderr: string }>();
    running.push(one);
    return one.promise;
  };
  const end = () => running.at(-1)?.resolve({ status: 0, stdout: "", stderr: "" });
  const fail = () => running.at(-1)?.reject(new Error("no systemd"));
  return { reload: createUnitFilesReload(exec), running, end, fail };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("callers during a daemon-reload share the next one", async () => {
  const { reload, running, end } = aSystemd();
  const first = reload();
  await settled();
  const later = [reload(), reload(), reload()];
  await settled();
  expect(running).toHaveLength(1);
  end();
  await first;
  await settled();
  expect(running).toHaveLength(2);
  end();
  await Promise.all(later);
  const last = reload();
  await settled();
  expect(running).toHaveLength(3);
  end();
  await last;
});

test("callers at the same moment share one daemon-reload, and its failure concerns only them", async () => {
  const { reload, running, end, fail } = aSystemd();
  const together = [reload(), reload()];
  await settled();
  expect(running).toHaveLength(1);
  const later = reload();
  fail();
  for (const each of together) await expect(each).rejects.toThrow("no systemd");
  await settled();
  end();
  await later;
});
