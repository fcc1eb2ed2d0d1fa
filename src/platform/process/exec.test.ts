import { expect, test } from "vitest";
import { asAccount, ExecFailure, findKeyLine } from "./exec.ts";

const keyLineOf = (stderr: string): string => new ExecFailure(["x"], "exit status 1", 1, { stderr }).keyLine;

test("the most telling line of a program's output is kept", () => {
  const failed = "Job for nginx.service failed.";
  expect(
    keyLineOf(`${failed}\nSee "systemctl status nginx.service" and "journalctl -xeu nginx.service".\n`),
  ).toBe(failed);
  expect(keyLineOf("warning: a\nfatal: b\nhint: c\n")).toBe("fatal: b");
  expect(keyLineOf("one\ntwo\n")).toBe("two");
  expect(keyLineOf("")).toBe("exit status 1");
});

test("the first pattern that any line fits decides, and the first of its lines", () => {
  const text = "x.conf:1: odd\n[alert] bad\n[alert] worse\nend\n";
  expect(findKeyLine(text, [/\[alert\]/, /:\d+/])).toBe("[alert] bad");
  expect(findKeyLine(text, [/nothing/, /:\d+/])).toBe("x.conf:1: odd");
  expect(findKeyLine(text, [])).toBe("end");
  expect(findKeyLine("\n", [])).toBeUndefined();
});

test("another user's program runs with that user's groups, and a tied one ends with us", () => {
  const account = { name: "app", uid: 65_000, gid: 65_001, home: "/" };
  expect(asAccount(["git", "fetch"], { account, tied: true })).toEqual([
    "setpriv",
    "--reuid=65000",
    "--regid=65001",
    "--init-groups",
    "--pdeathsig=KILL",
    "--",
    "git",
    "fetch",
  ]);
  expect(asAccount(["mount"], {})).toEqual(["mount"]);
});
