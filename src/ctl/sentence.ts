/** What a person did, told from the entry of the audit trail. Pure. */
import type { AuditEntry } from "../api/shapes.ts";

/** The verbs of the routes that change a service: as it was done, and as it was asked for. */
const deeds: Readonly<Record<string, readonly [done: string, wanted: string]>> = {
  freeze: ["froze", "freeze"],
  unfreeze: ["unfroze", "unfreeze"],
  rollback: ["rolled back", "roll back"],
  pull: ["pulled", "pull"],
  aside: ["stepped aside for", "step aside for"],
  resume: ["resumed", "resume"],
};

/** Of version 1, of the original over HTTP, and of the original over SSH. */
const shapes = [
  /^POST \/api\/v1\/services\/([^/]+)\/([a-z]+)$/,
  /^POST \/state\/([a-z]+)\/([^/]+)(?:\/([0-9a-f]+))?$/,
  /^POST \/do\/([a-z]+)(?:\/([^/]+))?$/,
];

/** What the answer adds to what was asked for: how long a freeze lasts, and where a rollback goes. */
const extents: Readonly<Record<string, RegExp>> = {
  freeze: / (until \d{4}-\d\d-\d\d \d\d:\d\d UTC)/,
  rollback: / goes (to [0-9a-f]{8}) /,
};

/** `ops froze nginx until 2026-11-28 14:00 UTC`, `ops may not freeze nginx`; what is not known is told as it was asked. */
export function sentenceOf({ who, what, status, reason, result }: AuditEntry): string {
  const [deed, service, commit] = readDeed(what);
  const words = deeds[deed ?? ""];
  const why = reason === "" ? "" : `: ${reason}`;
  if (words === undefined || service === undefined) return `${who}: ${what.replace("/api/v1", "")}${why}`;
  const [done, wanted] = words;
  const to = commit === undefined ? "" : ` to ${commit.slice(0, 8)}`;
  const extent = extents[deed ?? ""]?.exec(result)?.[1];
  if (status < 400) return `${who} ${done} ${service}${extent === undefined ? to : ` ${extent}`}${why}`;
  if (status === 401 || status === 403) return `${who} may not ${wanted} ${service}${to}`;
  return `${who} could not ${wanted} ${service}${to}: ${result}`;
}

function readDeed(what: string): readonly (string | undefined)[] {
  const [own, http, ssh] = shapes.map((shape) => shape.exec(what));
  if (own) return [own[2], own[1]];
  const original = http ?? ssh;
  return original ? [original[1], original[2], original[3]] : [];
}
