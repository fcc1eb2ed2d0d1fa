/** Where mounts are made: by real paths, for the ways that the config names may lead elsewhere tomorrow. */
import type { Start } from "../history/journal.ts";
import { sourceOf } from "../host/mounts/mounts.ts";
import type { AbsPath } from "../model/path.ts";
import { futureRealOf } from "../platform/files/trust.ts";

/** What begins, as the journal remembers it. */
export function placed(start: Start, checkout: AbsPath): Start {
  if (start.mounts.length === 0) return start;
  return { ...start, mounts: start.mounts.map(futureRealOf), source: sourceOf(checkout) };
}
