/** Puts a bind into place, one at a time for all services. */
import { mountBind, unmount } from "../../host/mounts/apply-mounts.ts";
import {
  type Bind,
  isDoubled,
  type Ours,
  observeBind,
  oursAt,
  readMountTable,
} from "../../host/mounts/mounts.ts";
import type { Context } from "../context.ts";
import type { ManagedService } from "../managed-service.ts";

const doublesMax = 16;

/**
 * Unmounts an earlier mount of ours at the target, and what covers it; a foreign mount stays below.
 * @throws Problem
 */
export function putMount(bind: Bind, { service, account }: ManagedService, context: Context): Promise<void> {
  const { mounter, mounting, onMounted, records } = context;
  // Mounted by programs, a bind shows what is mounted inside it in the checkout too, until the last one has run.
  return mounting(async () => {
    const ours = { checkout: bind.checkout, sources: records.sources(service.name) };
    for (let tries = 0; tries < doublesMax && isDoubled(ours, bind.target, readMountTable()); tries++)
      await unmount(bind.target, mounter);
    let seen = lookAt(bind, ours);
    if (!seen.right && seen.ours === "covered") {
      await unmount(bind.target, mounter);
      // What was unmounted may only have covered the right one.
      seen = lookAt(bind, ours);
    }
    if (seen.right) return;
    await mountBind({ ...bind, replaces: seen.ours === "on top" }, account, context);
    onMounted(bind.target);
  });
}

function lookAt(bind: Bind, of: Ours): { right: boolean; ours: ReturnType<typeof oursAt> } {
  const table = readMountTable();
  return {
    right: observeBind(bind, table) === "mounted",
    ours: oursAt(of, bind.target, table),
  };
}
