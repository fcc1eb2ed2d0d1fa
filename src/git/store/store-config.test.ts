import { expect, test } from "vitest";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import { storeOf } from "./store.ts";
import { renderStoreConfig } from "./store-config.ts";

const account: Account = { name: "app", uid: 900, gid: 900, home: "/home/app" };

test("a store's config never holds the password, and its place depends on upstream and user", () => {
  const store = storeOf("/var/lib/gitopper" as AbsPath, "https://bob:secret@example.com/config.git", account);
  expect(store.path).toMatch(/^\/var\/lib\/gitopper\/stores\/config-[0-9a-f]{12}$/);
  expect(renderStoreConfig({ place: store, format: "sha1", kind: "partial" })).not.toContain("secret");
  const other = storeOf("/var/lib/gitopper" as AbsPath, store.upstream, { ...account, name: "web" });
  expect(other.path).not.toBe(store.path);
});
