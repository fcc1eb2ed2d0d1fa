/** Lets git write files directly into a checkout, and sets modes and groups before other users can see the files. */
import { fchmodSync } from "node:fs";
import type { AbsPath } from "../../model/path.ts";
import { Directory, toText } from "../../platform/files/directory.ts";
import { createYieldToEventLoop, type YieldToEventLoop } from "../../platform/yield-to-event-loop.ts";
import type { Store } from "../types.ts";
import type { Access } from "./access.ts";
import { giveDirectory, giveFile } from "./stage.ts";

const [open, closed] = [0o755, 0o700];

/** Not for files that are mounted from the checkout, which are always visible. @throws as `work` */
export async function whileHidden(
  { checkout, access }: { readonly checkout: AbsPath; readonly access: readonly Access[] },
  { account }: Pick<Store, "account">,
  work: () => Promise<void>,
): Promise<void> {
  using top = Directory.open(checkout, account.uid);
  fchmodSync(top.fd, closed);
  await work();
  // On a failure it stays closed; the next attempt opens it.
  const yieldToEventLoop = createYieldToEventLoop();
  for (const name of await top.names(yieldToEventLoop))
    if (name !== ".git") await give(top, name, "", { access, yieldToEventLoop });
  fchmodSync(top.fd, open);
}

interface Giving {
  readonly access: readonly Access[];
  readonly yieldToEventLoop: YieldToEventLoop;
}

async function give(directory: Directory, name: string, prefix: string, how: Giving): Promise<void> {
  const { access, yieldToEventLoop } = how;
  await yieldToEventLoop();
  const path = prefix + toText(name);
  const seen = directory.look(name);
  if (seen?.isFile()) giveFile(directory, name, { path, executable: (seen.mode & 0o100) !== 0, access });
  if (!seen?.isDirectory()) return;
  using inner = directory.enter(name);
  if (inner === null) return;
  for (const each of await inner.names(yieldToEventLoop)) await give(inner, each, `${path}/`, how);
  giveDirectory(inner, path, access);
}
