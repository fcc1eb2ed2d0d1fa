/** What the rooms of git share. */
import type { Account } from "../model/account.ts";
import type { Commit } from "../model/commit.ts";
import type { AbsPath } from "../model/path.ts";

/** A host's local clone of an upstream, for one user. */
export interface Store {
  readonly path: AbsPath;
  readonly upstream: string;
  readonly account: Account;
}

/** `partial`: files are left out of fetches, and brought by their ids when they are needed. `whole`: all comes along. */
export type StoreKind = "partial" | "whole";

export type ObjectFormat = "sha1" | "sha256";

/** The tip of every branch that upstream has; a branch that it does not have is absent. */
export type Tips = ReadonlyMap<string, Commit>;
