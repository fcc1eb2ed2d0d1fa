/** What is on a service's host that neither its commit nor its config says, in a line for people. Pure. */
import { type Commit, shortCommit } from "../model/commit.ts";
import { type DriftReason, driftReasons } from "../model/reason/state-reason.ts";
import type { Drifted } from "../model/state.ts";
import { showPath } from "../model/text/path-bytes.ts";
import type { Observed } from "./plan.ts";

export type Finding =
  | { readonly kind: "moved"; readonly to: Commit }
  /** `added`: git does not know the file. */
  | { readonly kind: "edit"; readonly path: string; readonly added: boolean; readonly healable: boolean }
  /** More untracked files than are examined, most of them below this directory. */
  | { readonly kind: "flood"; readonly max: number; readonly below: string }
  /** Another owner or mode: `is` such as `mode 0600`, `instead` such as `0644`. */
  | { readonly kind: "attribute"; readonly path: string; readonly is: string; readonly instead: string };

/** A heal can put it right. */
export function isHealable(finding: Finding): boolean {
  return finding.kind !== "edit" || finding.healable;
}

const named = 3;
const lineMaxChars = 500;

/** One bounded line; empty for none. */
export function renderDrift(findings: readonly Finding[]): string {
  const moved = findings.find(({ kind }) => kind === "moved");
  if (moved !== undefined) return `${prefix}${render(moved)}`;
  const floods = findings.filter(({ kind }) => kind === "flood").map(render);
  const attributes = findings.filter(({ kind }) => kind === "attribute");
  const edits = findings.filter((finding) => finding.kind === "edit");
  const paths = firstOf(edits, ({ path }) => nameOf(path), ", ");
  const edited = paths && `${edits.length} local edit${edits.length === 1 ? "" : "s"}: ${paths}`;
  const parts = [...floods, firstOf(attributes, render, "; "), edited].filter(Boolean);
  return parts.length === 0 ? "" : bounded(`${prefix}${parts.join("; ")}`);
}

const prefix = "drift: ";

/** What has drifted, in a line that says so; its `what` is as it stands behind that. */
export function drifted(what: string, code: DriftReason): Drifted {
  return { drift: `${prefix}${what}`, code };
}

/** Nothing has drifted. */
export const noDrift: Drifted = { drift: "" };

/** Several lines about drift as one, which says so once; advice comes last. The most telling code counts. */
export function joinDrift(parts: readonly Drifted[]): Drifted {
  const found = parts.filter(({ drift }) => drift !== "");
  const drift = found.filter(isDrift).map((each) => each.drift.slice(prefix.length));
  const advice = found.filter((each) => !isDrift(each)).map((each) => each.drift);
  const line = [...(drift.length > 0 ? [`${prefix}${drift.join("; ")}`] : []), ...advice].join("; ");
  const code = driftReasons.find((each) => found.some((one) => one.code === each));
  return { drift: line, ...(code !== undefined && { code }) };
}

/** Advice is about what is well now; without a code it is a note about a service that is held. */
function isDrift({ code }: Drifted): boolean {
  return code !== undefined && code !== "unit-advice";
}

/** What a heal puts right, for the history; empty for nothing. */
export function reasonFor(findings: readonly Finding[]): string {
  const healed = firstOf(findings.filter(isHealable), render, ", ");
  return healed && bounded(`${prefix}${healed}`);
}

function render(finding: Finding): string {
  switch (finding.kind) {
    case "moved":
      return `the checkout was moved to ${shortCommit(finding.to)}`;
    case "attribute":
      return `${nameOf(finding.path)}: ${finding.is} instead of ${finding.instead}`;
    case "flood":
      return renderFlood(finding);
    case "edit":
      return `${nameOf(finding.path)} ${finding.added ? "added" : "changed"}`;
  }
}

/** What was removed from a service that had all of it, for the history; empty for nothing. */
export function reasonForHost(target: Commit, { applied, checkout, links }: Observed): string {
  if (applied !== target) return "";
  if (checkout.is !== "fit") return checkout.is === "absent" ? "the checkout was missing" : checkout.why;
  // A link that is new in the config was never there.
  if (!checkout.narrowed) return "";
  const lost = links.flatMap(({ link, bind }) => {
    if (bind === null || bind === "mounted") return [];
    return [`mount ${link.local} was ${bind === "absent" ? "missing" : "covered"}`];
  });
  return bounded(firstOf(lost, String, ", "));
}

export function renderFlood({ max, below }: { readonly max: number; readonly below: string }): string {
  return `more than ${max} untracked files, below ${nameOf(below)}`;
}

/** The first few in one piece, and that there are more; empty for none. */
function firstOf<T>(all: readonly T[], render: (one: T) => string, between: string): string {
  const more = all.length > named ? `${between.trimEnd()} …` : "";
  return all.slice(0, named).map(render).join(between) + more;
}

/** Whoever owns the checkout may call a file anything. */
function nameOf(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(showPath(path)) : showPath(path);
}

function bounded(line: string): string {
  return line.length > lineMaxChars ? `${line.slice(0, lineMaxChars)}…` : line;
}
