/** A stage and live files in a temporary directory, and checks that see the one in place of the other. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { type Check, runCheck } from "../../src/health/check.ts";
import type { StagedBind } from "../../src/health/namespace.ts";
import { findAccounts } from "../../src/host/accounts.ts";
import { placeOf, readMountTable } from "../../src/host/mounts/mounts.ts";
import type { Account } from "../../src/model/account.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { Problem } from "../../src/model/problem.ts";
import { exec } from "../../src/platform/process/exec.ts";

export const scratch = mkdtempSync(join(tmpdir(), "gitopper-check-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

export const root: Account = { name: "root", uid: 0, gid: 0, home: "/root" };

/** An account of this machine. */
export async function accountOf(name: string): Promise<Account> {
  const account = (await findAccounts([name], exec)).get(name);
  if (account === undefined) throw new Error(`no user ${name}`);
  return account;
}

/** Writes a file below the scratch directory, and returns its path. */
export function put(path: string, text: string): AbsPath {
  const file = join(scratch, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file as AbsPath;
}

export function aBind(source: string, target: string): StagedBind {
  const place = placeOf(source, readMountTable());
  if (place === null) throw new Error(`no file system for ${source}`);
  return { source: source as AbsPath, target: target as AbsPath, place };
}

/** Null: the check passes; otherwise why it failed. Commands that are text run in a shell. */
export async function check(
  commands: readonly (string | readonly string[])[],
  changes: Partial<Check> = {},
  signal?: AbortSignal,
): Promise<Problem | null> {
  const argvs = commands.map((command) => (typeof command === "string" ? ["sh", "-c", command] : command));
  const usual = { binds: [], account: root, timeoutMs: 20_000, network: false };
  try {
    await runCheck({ ...usual, commands: argvs, ...changes }, exec, signal);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
