/** Finds conflicts between the services of one host. */
import type { AbsPath } from "../../model/path.ts";
import { type Findings, type Path, quote, renderKey } from "../errors/finding.ts";
import type { Draft } from "./draft.ts";
import { parentsOf } from "./values/places.ts";

/** Reports names and paths that conflict among the services of one host. Equal checkouts imply equal names. */
export function findCollisions(services: readonly Draft[], findings: Findings): void {
  const checkouts = new Map<AbsPath, Path>();
  const locals = new Map<AbsPath, Path>();
  findEqualNames(services, findings);
  for (const { at, checkout } of services) if (checkout !== null) checkouts.set(checkout, at);
  for (const service of services) findEqualLocals(service, locals, findings);
  for (const [checkout, at] of checkouts) {
    const outer = parentsOf(checkout).find((parent) => checkouts.has(parent));
    noteClash(findings, [...at, "mount"], outer && checkouts.get(outer), (other) => {
      return `the checkout ${quote(checkout)} would be inside that of ${other}; use another directory`;
    });
  }
  findOverlaps(checkouts, locals, findings);
}

/** A mount over a checkout hides it; a mount inside one covers git's files. */
function findOverlaps(
  checkouts: ReadonlyMap<AbsPath, Path>,
  locals: ReadonlyMap<AbsPath, Path>,
  findings: Findings,
): void {
  for (const [checkout, at] of checkouts) {
    const over = [checkout, ...parentsOf(checkout)].find((path) => locals.has(path));
    noteClash(findings, over && locals.get(over), at, (other) => {
      return `a mount there would hide the checkout ${quote(checkout)} of ${other}; use another path`;
    });
  }
  for (const [local, at] of locals) {
    const outer = parentsOf(local).find((parent) => checkouts.has(parent));
    noteClash(findings, at, outer && checkouts.get(outer), (other) => {
      return `${quote(local)} is inside the checkout of ${other}; use a path outside of it`;
    });
  }
}

/** `grafana` and `grafana.service` are one unit. */
function findEqualNames(services: readonly Draft[], findings: Findings): void {
  const units = new Map<string, Path>();
  for (const { at, name } of services) {
    if (name === null) continue;
    const unit = name.replace(/\.service$/, "");
    const path = [...at, "service"];
    noteClash(findings, path, units.get(unit), (other) => {
      return `${quote(name)} is also ${other}; give each service of a host a name of its own`;
    });
    if (!units.has(unit)) units.set(unit, path);
  }
}

function findEqualLocals(service: Draft, locals: Map<AbsPath, Path>, findings: Findings): void {
  for (const [index, { local }] of service.links.entries()) {
    if (local === null) continue;
    const path = [...service.at, "dirs", index, "local"];
    noteClash(findings, path, locals.get(local), (other) => {
      return `${quote(local)} is also ${other}; mount one link there`;
    });
    if (!locals.has(local)) locals.set(local, path);
  }
}

function noteClash(
  findings: Findings,
  at: Path | undefined,
  other: Path | undefined,
  message: (other: string) => string,
): void {
  if (at !== undefined && other !== undefined) findings.add(at, message(renderKey(other)), other);
}
