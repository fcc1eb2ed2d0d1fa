/** What a repair changes in the files of a store. */
import { hasReader } from "../../git/history/reader.ts";
import { rebuildStore, type StoreContents } from "../../git/store/rebuild-store.ts";
import { removeBroken, removeOldLocks, type StoreTools } from "../../git/store/store.ts";
import type { Store } from "../../git/types.ts";

export type StoreFiles = ReturnType<typeof createStoreFiles>;

export function createStoreFiles(tools: StoreTools) {
  return {
    /** True once a fetch into the store has been completed. */
    isComplete: hasReader,
    removeOldLocks: (store: Store, old: { readonly olderThanMs: number; readonly now: Date }) =>
      removeOldLocks(store, tools.exec, old),
    /** @throws Problem when upstream cannot be reached; nothing has changed then */
    rebuild: (store: Store, contents: StoreContents) => rebuildStore(store, contents, tools),
    /** Removes the damaged store that a rebuild has replaced. */
    removeBroken: (store: Store) => removeBroken(store, tools.exec),
  };
}
