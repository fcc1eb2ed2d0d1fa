/** Writes files of a store. */
import { join } from "node:path";
import type { Exec } from "../../platform/process/exec.ts";
import type { Store } from "../types.ts";

/** Writes as the store's user: root does not write where another user may have put a symlink. */
export async function writeAs(store: Store, exec: Exec, name: string, text: string): Promise<void> {
  const script = 'umask 077; mkdir -p "$(dirname "$1")" && cat > "$1.new" && mv "$1.new" "$1"';
  const argv = ["sh", "-c", script, "sh", join(store.path, name)];
  await exec(argv, { account: store.account, input: text, timeoutMs: 10_000, tied: true });
}
