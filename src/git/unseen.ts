/** Has git write files straight into a checkout, in which they have modes and groups before others can see them. */
import { fchmodSync } from "node:fs";
import type { AbsPath } from "../model/path.ts";
import { Directory, toText } from "../platform/directory.ts";
import type { Access } from "./access.ts";
import { giveDirectory, giveFile } from "./stage.ts";
import type { Store } from "./store.ts";

const [open, closed] = [0o755, 0o700];

/** What is mounted from the checkout is seen all the time: it goes another way. @throws as `work` */
export async function unseen(
  { checkout, access }: { readonly checkout: AbsPath; readonly access: readonly Access[] },
  { account }: Pick<Store, "account">,
  work: () => Promise<void>,
): Promise<void> {
  using top = Directory.open(checkout, account.uid);
  fchmodSync(top.fd, closed);
  await work();
  // Where that fails it stays closed, and the next try opens it.
  for (const name of top.names()) if (name !== ".git") give(top, name, "", access);
  fchmodSync(top.fd, open);
}

function give(directory: Directory, name: string, prefix: string, access: readonly Access[]): void {
  const path = prefix + toText(name);
  const seen = directory.look(name);
  if (seen?.isFile()) giveFile(directory, name, { path, executable: (seen.mode & 0o100) !== 0, access });
  if (!seen?.isDirectory()) return;
  using inner = directory.enter(name);
  if (inner === null) return;
  for (const each of inner.names()) give(inner, each, `${path}/`, access);
  giveDirectory(inner, path, access);
}
