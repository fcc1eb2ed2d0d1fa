/** What a repair changes in the files of a store. */
import { hasReader } from "../../git/history/reader.ts";
import { rebuildStore, type StoreContents } from "../../git/store/rebuild-store.ts";
import { removeBroken, removeOldLocks, type StoreTools } from "../../git/store/store.ts";
import type { Store } from "../../git/types.ts";

export interface StoreFiles {
  /** True once a fetch into the store has been completed. */
  isComplete(store: Store): boolean;
  removeOldLocks(store: Store, age: { readonly olderThanMs: number; readonly now: Date }): Promise<void>;
  /** @throws Problem when upstream cannot be reached; nothing has changed then */
  rebuild(store: Store, contents: StoreContents): Promise<void>;
  /** Removes the damaged store that a rebuild has replaced. */
  removeBroken(store: Store): Promise<void>;
}

export function createStoreFiles(tools: StoreTools): StoreFiles {
  return {
    isComplete: hasReader,
    removeOldLocks: (store, age) => removeOldLocks(store, tools.exec, age),
    rebuild: (store, contents) => rebuildStore(store, contents, tools),
    removeBroken: (store) => removeBroken(store, tools.exec),
  };
}
