/** Puts a bind into place, one at a time for all services. */
import { mountBind, unmount } from "../host/apply-mounts.ts";
import { type Bind, isDoubled, observeBind, oursAt, readMountTable } from "../host/mounts.ts";
import type { Account } from "../model/account.ts";
import type { Context } from "./context.ts";

const doublesMax = 16;

/**
 * An earlier mount of ours at the target, or what covers one, goes; what is somebody else's stays below.
 * @throws Problem
 */
export function putMount(bind: Bind, account: Account, context: Context): Promise<void> {
  const { mounter, mounting, onMounted } = context;
  // Mounted by programs, a bind shows what is mounted inside it in the checkout too, until the last one has run.
  return mounting(async () => {
    for (
      let tries = 0;
      tries < doublesMax && isDoubled(bind.checkout, bind.target, readMountTable());
      tries++
    )
      await unmount(bind.target, mounter);
    let seen = lookAt(bind);
    if (!seen.right && seen.ours === "covered") {
      await unmount(bind.target, mounter);
      // What was unmounted may only have covered the right one.
      seen = lookAt(bind);
    }
    if (seen.right) return;
    await mountBind({ ...bind, replaces: seen.ours === "on top" }, account, context);
    onMounted(bind.target);
  });
}

function lookAt(bind: Bind): { right: boolean; ours: ReturnType<typeof oursAt> } {
  const table = readMountTable();
  return {
    right: observeBind(bind, table) === "mounted",
    ours: oursAt(bind.checkout, bind.target, table),
  };
}
