/** A service's links, compared and checked in commits. */
import type { Entry } from "../git/history/trees.ts";
import { type Commit, shortCommit } from "../model/commit.ts";
import type { AbsPath, RepoPath } from "../model/path.ts";
import { Problem, Refusal } from "../model/problem.ts";
import type { Link, Service } from "../model/service.ts";
import { futureRealOf } from "../platform/files/trust.ts";
import type { ManagedService } from "./managed-service.ts";

/** True when both commits have the same content there; what is missing is like nothing. */
export function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  return a !== undefined && a.id === b?.id && a.mode === b.mode;
}

type Entries = ReadonlyMap<string, Entry>;

/** What is at the links of all services in some commits of one store; null: a commit is gone from it, and like no other. */
type Contents = ReadonlyMap<Commit, Entries | null>;

export async function contentsOf(
  history: ManagedService["history"],
  commits: Iterable<Commit>,
): Promise<Contents> {
  const unique = [...new Set(commits)];
  const entries = await Promise.all(unique.map((commit) => history.entries(commit).catch(() => null)));
  return new Map(unique.map((commit, index) => [commit, entries[index] ?? null]));
}

/** True when the service would not see a difference between two commits of the contents. */
export function sameContent({ links }: Service, contents: Contents, one: Commit, other: Commit): boolean {
  const [a, b] = [contents.get(one), contents.get(other)];
  return links.every(({ link }) => sameEntry(a?.get(link), b?.get(link)));
}

/** True when the service would not see a difference between the two commits. */
export async function sameAtLinks(
  { service, history }: Pick<ManagedService, "service" | "history">,
  one: Commit,
  other: Commit,
): Promise<boolean> {
  return sameContent(service, await contentsOf(history, [one, other]), one, other);
}

/** The paths that a checkout is narrowed to. */
export function linksOf(service: Service): RepoPath[] {
  return service.links.map(({ link }) => link);
}

/** What a checkout is narrowed to, for its record: paths, and which modes and groups they have. */
export function narrowingOf({ links }: Pick<Service, "links">): string {
  const narrowedTo = ({ link, access }: Link) =>
    access === undefined ? link : [link, access.mode, access.group];
  return JSON.stringify(links.map(narrowedTo));
}

/** The paths of `narrowingOf`. */
export function pathsNarrowedTo(narrowing: string): RepoPath[] {
  const links = JSON.parse(narrowing) as readonly (RepoPath | readonly [RepoPath, ...unknown[]])[];
  return links.map((link) => (typeof link === "string" ? link : link[0]));
}

/** True when modes or groups are to be others than those of an earlier `narrowingOf`. */
export function changesAccess(narrowing: string, service: Pick<Service, "links">): boolean {
  const accesses = (text: string) =>
    JSON.stringify((JSON.parse(text) as readonly unknown[]).filter((link) => typeof link !== "string"));
  return narrowing !== "" && accesses(narrowing) !== accesses(narrowingOf(service));
}

/** Of what was mounted for a service, that where its config leads no longer: to another path, or by a symlink that was turned. */
export function orphansOf(service: Pick<Service, "links">, mounted: readonly AbsPath[]): AbsPath[] {
  if (mounted.length === 0) return [];
  const wanted = new Set(service.links.flatMap(({ local }) => (local === null ? [] : [futureRealOf(local)])));
  return mounted.filter((place) => !wanted.has(place) && !wanted.has(futureRealOf(place)));
}

/** @throws Problem when the commit has not what the service's links name */
export async function assertLinks({ service, history }: ManagedService, commit: Commit): Promise<void> {
  const entries = await history.entries(commit);
  for (const link of service.links) assertLink(link, entries.get(link.link), commit);
}

/**
 * Does not examine again what `base` has at the links.
 * @throws Refusal when there is more at the links than files, directories and symlinks
 */
export async function assertModes(
  { service, history }: ManagedService,
  commit: Commit,
  base: Commit | null,
): Promise<void> {
  if (base !== null && (await sameAtLinks({ service, history }, base, commit))) return;
  const fault = await history.modeFault(base, commit, linksOf(service));
  if (fault !== null) throw new Refusal(fault);
}

const hints = new Map([
  ["file", "set file = true"],
  ["directory", "remove file = true"],
]);

/** @throws Problem */
export function assertLink(
  { link, file }: Link,
  entry: Entry | undefined,
  commit: Commit,
): asserts entry is Entry {
  const want = file ? "file" : "directory";
  if (entry?.kind === want) return;
  const is = entry === undefined ? "does not exist" : `is a ${entry.kind}`;
  const hint = entry === undefined ? "add it, or change the config" : hints.get(entry.kind);
  const what = `Cannot use link "${link}": it ${is} in commit ${shortCommit(commit)}`;
  throw new Problem("git", `${what}; ${hint ?? `make it a ${want}`}`, { code: "link-missing" });
}
