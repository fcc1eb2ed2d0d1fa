/** Ends mounts that no link of the config has any more. */
import { unmountOurs } from "../host/apply-mounts.ts";
import type { AbsPath } from "../model/path.ts";
import type { Context } from "./context.ts";

/** What somebody else mounted at the same place stays. @throws Problem */
export async function unmountAll(
  checkout: AbsPath,
  targets: readonly AbsPath[],
  { mounter, ledger }: Context,
): Promise<void> {
  // The deepest first, so that a mount inside another does not keep it busy.
  for (const target of targets.toSorted((a, b) => b.length - a.length)) {
    await unmountOurs(checkout, target, mounter);
    ledger.unmounted(target);
  }
}
