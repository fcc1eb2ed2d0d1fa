/** Takes local edits of a service's checkout into a commit on top of the one that the service has. */
import { hostname } from "node:os";
import { posix } from "node:path";
import type { Commit } from "../model/commit.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import { encodePath } from "../model/text/path-bytes.ts";
import { HeldDirectory } from "../platform/files/held-directory.ts";
import type { Exec } from "../platform/process/exec.ts";
import type { LeftOut } from "./arrange.ts";
import { machineOf, readConfigText, servicesIn } from "./config-text.ts";
import type { HostEntry } from "./host/host-tree.ts";
import { readEntry } from "./host/read-tree.ts";
import { secretIn } from "./host/secrets.ts";
import { type Limits, Tally } from "./limits.ts";
import type { Change } from "./repository/commit.ts";
import { type Published, type PublishOptions, publish } from "./repository/publish.ts";
import { Workspace } from "./repository/workspace.ts";

/** What the daemon says about the checkout. */
export interface LocalEdits {
  readonly base: Commit;
  /** Paths in the repository. */
  readonly paths: readonly string[];
}

export interface DriftOptions extends PublishOptions {
  readonly service: string;
  readonly config: string;
  readonly take: readonly string[];
  readonly limits: Limits;
}

export interface AdoptedEdits {
  readonly service: string;
  readonly changes: readonly Change[];
  readonly leftOut: readonly LeftOut[];
  readonly published: Published;
}

/** `by` is the person who runs this. @throws Problem */
export async function adoptEdits(
  options: DriftOptions,
  { base, paths }: LocalEdits,
  { exec, now, by }: { readonly exec: Exec; readonly now: Date; readonly by: string },
): Promise<AdoptedEdits> {
  const service = await findService(options);
  const { changes, leftOut } = readEdits(service, paths, options);
  if (changes.length === 0) {
    const why = leftOut.map(({ path, why }) => `${path}: ${why}`).join("; ") || "there are none";
    throw new Problem("host", `Cannot adopt edits of ${service.name}: ${why}`);
  }
  using workspace = new Workspace(exec, service.upstream);
  const message = options.message ?? renderMessage(service, by);
  const newBranch = options.branch ?? `adopt-${service.name}-drift`;
  const publishing = { ...options, ...{ upstream: service.upstream, isConfigured: true, newBranch } };
  const added = { follows: service.branch, changes, message, into: null, onto: base, extra: null };
  const published = await publish({ ...publishing, ...added }, workspace, now);
  return { service: service.name, changes, leftOut, published };
}

async function findService({ service: name, config: path }: DriftOptions): Promise<Service> {
  const config = readConfigText(path);
  const services = config.text === null ? [] : await servicesIn(config.text, path, await machineOf(config));
  const found = services.find((service) => service.name === name);
  if (found === undefined)
    throw new Problem("host", `Cannot adopt edits of ${name}: ${path} has no such service`);
  return found;
}

function renderMessage({ name, checkout }: Service, by: string): string {
  return `${name}: keep the local edits of ${hostname()}\n\nThey were made in ${checkout} on ${hostname()}, and taken by ${by}.\n`;
}

function readEdits(
  { checkout }: Service,
  paths: readonly string[],
  { take, limits }: DriftOptions,
): { readonly changes: readonly Change[]; readonly leftOut: readonly LeftOut[] } {
  const changes: Change[] = [];
  const leftOut: LeftOut[] = [];
  const tally = new Tally(limits);
  using top = HeldDirectory.find(checkout);
  const owner = top?.stats().uid;
  for (const path of paths) {
    const entry = readBelow(checkout, path, tally);
    const why = whyNot(entry, path, owner);
    if (why !== null && !take.includes(path)) leftOut.push({ path, why });
    else if (entry === null) changes.push({ path, to: null });
    else changes.push({ path, to: contentOf(entry) });
  }
  return { changes, leftOut };
}

/** Null: the file was removed. Its user may put a symlink anywhere in the checkout. */
function readBelow(checkout: string, path: string, tally: Tally): HostEntry | null {
  using parent = HeldDirectory.below(checkout, posix.dirname(path));
  const name = posix.basename(path);
  if (parent === null || parent.lstat(name) === undefined) return null;
  return readEntry(parent, name, { path, tally });
}

function whyNot(entry: HostEntry | null, path: string, owner: number | undefined): string | null {
  // The daemon shows a byte that is not UTF-8 as `\351`.
  if (entry === null) return /\\[23]\d\d/.test(path) ? "its name is not UTF-8" : null;
  if (entry.kind === "unread" || entry.kind === "directory")
    return path.endsWith("/") ? "it is a repository of its own" : "it is no file";
  if (entry.kind === "symlink") return null;
  // The service's user could have made a hard link to a file that it may not read.
  if (entry.isHardLink && entry.uid !== owner) return "it is a hard link to a file of another user";
  return secretIn(posix.basename(path), entry.content);
}

function contentOf(entry: HostEntry): Change["to"] {
  if (entry.kind === "symlink") return { mode: "120000", content: encodePath(entry.target) };
  const content = entry.kind === "file" ? entry.content : Buffer.alloc(0);
  return { mode: (entry.mode & 0o100) === 0 ? "100644" : "100755", content };
}
