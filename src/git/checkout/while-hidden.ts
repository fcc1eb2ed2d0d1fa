/** Lets git write files directly into a checkout, and sets modes and groups before other users can see the files. */
import { fchmodSync } from "node:fs";
import { Directory } from "../../platform/files/directory.ts";
import { createYieldToEventLoop } from "../../platform/yield-to-event-loop.ts";
import type { CheckoutWithAccess } from "./access.ts";
import { giveBelow } from "./stage.ts";

const [open, closed] = [0o755, 0o700];

/** Not for files that are mounted from the checkout, which are always visible. @throws as `work` */
export async function whileHidden(
  { store, checkout, access = [] }: CheckoutWithAccess,
  work: () => Promise<void>,
): Promise<void> {
  using top = Directory.open(checkout, store.account.uid);
  fchmodSync(top.fd, closed);
  await work();
  // On a failure it stays closed; the next attempt opens it.
  await giveBelow(top, "", { access, skipped: ".git", yieldToEventLoop: createYieldToEventLoop() });
  fchmodSync(top.fd, open);
}
