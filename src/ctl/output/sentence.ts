/** Renders an entry of the audit trail as a sentence. Pure. */
import type { AuditEntry } from "../../api/shapes.ts";
import { decodePercent } from "../../model/text/untrusted.ts";

interface Deed {
  readonly done: string;
  readonly wanted: string;
  /** The object of the sentence, with details of the result. */
  readonly object: (detail: string) => string;
}

const verbs: Readonly<Record<string, readonly [done: string, wanted: string]>> = {
  freeze: ["froze", "freeze"],
  unfreeze: ["unfroze", "unfreeze"],
  rollback: ["rolled back", "roll back"],
  pull: ["pulled", "pull"],
};

/** The detail from the result: how long a freeze lasts, and where a rollback goes. */
const extents: Readonly<Record<string, RegExp>> = {
  freeze: / (until \d{4}-\d\d-\d\d \d\d:\d\d UTC)/,
  rollback: / goes (to [0-9a-f]{8}) /,
};

/** `ops froze nginx until 2026-11-28 14:00 UTC`, `ops may not freeze nginx`; unknown requests are shown as such. */
export function sentenceOf({ who, what, status, reason, result }: AuditEntry): string {
  const deed = deedOf(what);
  const why = reason === "" ? "" : `: ${reason}`;
  if (deed === null) return `${who}: ${what.replace("/api/v1", "")}${why}`;
  const { done, wanted, object } = deed;
  if (status < 400) return `${who} ${done}${object(result)}${why}`;
  if (status === 401 || status === 403) return `${who} may not ${wanted}${object("")}`;
  return `${who} could not ${wanted}${object("")}${result === "" ? "" : `: ${result}`}`;
}

/** From the routes of version 1, and those of the original over HTTP and SSH. */
function deedOf(what: string): Deed | null {
  const [method = "", path = ""] = what.split(" ");
  const [first, ...rest] = path
    .split("/")
    .slice(1)
    .map((segment) => decodePercent(segment) ?? segment);
  if (method === "POST" && (first === "state" || first === "do")) return toService(rest[1], rest[0], rest[2]);
  const [version, kind, name, verb] = rest;
  if (first !== "api" || version !== "v1") return null;
  if (kind === "services" && method === "POST") return toService(name, verb);
  if (kind === "tokens") return toToken(method, name);
  if (kind === "aside") return toHost("stepped aside", "step aside");
  if (kind === "release") return toHost("released", "release");
  return kind === "resume" ? toHost("resumed", "resume") : null;
}

function toService(service = "", verb = "", commit = ""): Deed | null {
  const words = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (words === undefined || service === "") return null;
  const target = commit === "" ? "" : ` to ${commit.slice(0, 8)}`;
  const object = (detail: string) => {
    const extent = extents[verb]?.exec(detail)?.[1];
    return ` ${service}${extent === undefined ? target : ` ${extent}`}`;
  };
  return { done: words[0], wanted: words[1], object };
}

function toToken(method: string, name: string | undefined): Deed {
  if (method === "DELETE") return { done: "revoked", wanted: "revoke", object: () => ` token ${name}` };
  const object = (detail: string) => ` ${/^Made (token \S+ \(\w+\))$/.exec(detail)?.[1] ?? "a token"}`;
  return { done: "made", wanted: "make", object };
}

/** The result names the files: `unmounted /etc/sudoers.d/ops until …`. */
function toHost(done: string, wanted: string): Deed {
  const object = (detail: string) => (detail === "" ? "" : ` (${detail.replace(", or you resume", "")})`);
  return { done, wanted, object };
}
