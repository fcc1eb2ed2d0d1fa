import { expect, test } from "vitest";
import { maskSecrets } from "../../model/text/mask.ts";
import { asAccount } from "./exec.ts";

test("secrets: the user part of a URL goes, a plain git@ stays", () => {
  expect(maskSecrets("fatal: https://bob:pw@example.com/x and ssh://git@host/y")).toBe(
    "fatal: https://***@example.com/x and ssh://git@host/y",
  );
  expect(maskSecrets('"https://token@example.com"')).toBe('"https://***@example.com"');
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
