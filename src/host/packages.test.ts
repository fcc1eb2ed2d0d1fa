import { describe, expect, test } from "vitest";
import { type Exec, ExecFailure } from "../platform/process/exec.ts";
import { inOwnUnit, installPackage, isInstalled, packageManagers } from "./packages.ts";

/** Programs of which those whose argv has one of these words fail. */
function failing(...words: string[]) {
  const ran: string[] = [];
  const exec: Exec = async (argv) => {
    const word = words.find((name) => argv.includes(name));
    if (word !== undefined) throw new ExecFailure(argv, "exit status 100", 100, { stderr: `E: no ${word}` });
    ran.push(argv.includes("install") ? "install" : "update");
    return { status: 0, stdout: "", stderr: "" };
  };
  return { exec, ran };
}

const [apt] = packageManagers;
if (apt === undefined) throw new Error("no package managers");

test("package lists that cannot be refreshed do not stop an install that works without", async () => {
  const { exec, ran } = failing("update");
  await installPackage("hello", apt, exec);
  expect(ran).toEqual(["install"]);
});

test("when both fail, the install's error is reported", async () => {
  const { exec } = failing("update", "install");
  await expect(installPackage("hello", apt, exec)).rejects.toThrow(
    'Cannot install package "hello": E: no install',
  );
});

test("an installation runs in a transient unit, without secrets of a proxy in its argv", () => {
  const argv = inOwnUnit(["apt-get", "install"], "hello", {
    https_proxy: "http://u:secret@p",
    HOME: "/root",
  });
  expect(argv[0]).toBe("systemd-run");
  expect(argv.slice(-3)).toEqual(["LC_ALL=C.UTF-8", "apt-get", "install"]);
  expect(argv).toContain("--setenv=https_proxy");
  expect(argv.join(" ")).not.toMatch(/secret|HOME/);
});

describe("package managers", () => {
  test("each package manager installs non-interactively and has its own query", () => {
    for (const manager of packageManagers) {
      expect(manager.install("hello").at(-1)).toBe("hello");
      expect(manager.install("hello").join(" ")).toMatch(
        /--yes|--assumeyes|--noconfirm|--non-interactive|--no-interactive/,
      );
      expect(manager.query("hello").at(-1)).toBe("hello");
    }
  });
  test("Debian: a package of which only the configuration is left is not installed", async () => {
    const answers = (status: number, stdout: string) =>
      isInstalled("hello", apt, async () => ({ status, stdout, stderr: "" }));
    expect(await answers(0, "installed\n")).toBe(true);
    expect(await answers(0, "config-files\n")).toBe(false);
    expect(await answers(1, "")).toBe(false);
  });
  test("elsewhere the exit status of the query says whether a package is installed", async () => {
    for (const manager of packageManagers.slice(1)) {
      const answers = (status: number) =>
        isInstalled("hello", manager, async () => ({ status, stdout: "", stderr: "" }));
      expect([await answers(0), await answers(1)]).toEqual([true, false]);
    }
  });
});
