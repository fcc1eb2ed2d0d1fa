/** What the routes of version 1 share: paths, roles, and pages of lists. */
import type { Page } from "./host.ts";
import type { RouteInput } from "./route.ts";

export const v1 = "/api/v1";
/** One service. */
export const one = `${v1}/services/{service}`;

/** For content that may be secret from some users of the host, and for what concerns access. */
export const confidential = { method: "GET", role: "operate" } as const;

export const serviceOf = ({ params }: Pick<RouteInput, "params">): string => params.service ?? "";

/** The `before` of the next page of a list, newest first; null: this is the last one. */
export function nextOf(rows: readonly { readonly id: number }[], { limit }: Page): number | null {
  return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
}
