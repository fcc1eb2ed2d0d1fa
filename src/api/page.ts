/** Pages of lists, newest first. */
import type { Page } from "./host.ts";

/** The `before` of the next page; null: this is the last one. */
export function nextOf(rows: readonly { readonly id: number }[], { limit }: Page): number | null {
  return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
}
