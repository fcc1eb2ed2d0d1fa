/** Types that the folders of git share. */
import type { Account } from "../model/account.ts";
import type { Commit } from "../model/commit.ts";
import type { AbsPath } from "../model/path.ts";

/** A host's local clone of an upstream, for one user. */
export interface Store {
  readonly path: AbsPath;
  readonly upstream: string;
  readonly account: Account;
}

/**
 * Where git runs as the store's user: in a bare store, or in a checkout. `reading`: with the store's objects and refs,
 * but no upstream.
 */
export type GitPlace = (Pick<Store, "path" | "account"> & { readonly reading?: true }) | CheckoutPlace;

/** What git needs to know of a checkout. */
export interface CheckoutPlace {
  readonly store: Pick<Store, "path" | "account">;
  readonly checkout: AbsPath;
}

/** A service's checkout, and the store that its git directory is in. */
export interface CheckoutInStore {
  readonly store: Store;
  readonly checkout: AbsPath;
}

/** `partial`: fetches leave files out, and files are fetched by id when needed. `whole`: fetches bring everything. */
export type StoreKind = "partial" | "whole";

export type ObjectFormat = "sha1" | "sha256";

/** The tip of every tracked branch that upstream has; a branch that it does not have is absent. */
export type Tips = ReadonlyMap<string, Commit>;
