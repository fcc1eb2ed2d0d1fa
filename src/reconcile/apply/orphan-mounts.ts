/** Ends mounts that no link of the config has any more. */

import type { ServiceRecord } from "../../history/kept.ts";
import { unmountOurs } from "../../host/mounts/apply-mounts.ts";
import type { AbsPath } from "../../model/path.ts";
import type { Context } from "../context.ts";

/** Mounts that are not gitopper's stay at the same target. @throws Problem */
export async function unmountAll(
  { service, checkout }: Pick<ServiceRecord, "service" | "checkout">,
  targets: readonly AbsPath[],
  { mounter, records }: Context,
): Promise<void> {
  const ours = { checkout, sources: records.sources(service) };
  // The deepest first, so that a mount inside another does not keep it busy.
  for (const target of targets.toSorted((a, b) => b.length - a.length)) {
    await unmountOurs(ours, target, mounter);
    records.unmounted(target);
  }
}
