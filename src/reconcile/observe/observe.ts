/** Look: what a service is like on this host now, compared with the commit that it should have. */
import type { CheckoutSeen } from "../../git/checkout/checkout.ts";
import { existingEdits } from "../../git/edits/edits.ts";
import type { LastDeployment, ServiceRecord } from "../../history/kept.ts";
import { hiddenBy } from "../../host/mounts/hidden.ts";
import { bindsOf, type MountTable, observeBind } from "../../host/mounts/mounts.ts";
import { isInstalled } from "../../host/packages.ts";
import { touchesDefinitions, touchesUnitFiles } from "../../host/systemd/unit-files.ts";
import { type Commit, shortCommit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import type { Link, Service } from "../../model/service.ts";
import { type Drifted, holdOf, type ServiceState } from "../../model/state.ts";
import { futureRealOf } from "../../platform/files/trust.ts";
import { joinDrift, reasonForHost } from "../../rollout/drift.ts";
import type { LinkSeen, Observed } from "../../rollout/plan.ts";
import type { Context } from "../context.ts";
import { assertLink, entriesOrNone, narrowingOf, orphansOf, sameEntry } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import { editedAt, judgeDrift, observeFiles } from "./observe-files.ts";
import { verbOf } from "./verb-of.ts";

export interface Observation {
  readonly observed: Observed;
  /** What is not as it should be though nothing will be done about it; empty when all is well. */
  readonly drift: Drifted;
  /** What has drifted and is put right by the steps that follow from this; empty for nothing. */
  readonly why: string;
  /** When the newest local edit was made; null: there is none. */
  readonly editedAt: Date | null;
  /** A freeze came while it settled: it stays as it is, and settles when the service is let go. */
  readonly isUnproven: boolean;
}

/** @throws Problem when the commit lacks a link, or something that is not ours is in the way */
export async function observe(
  managed: ManagedService,
  target: Commit,
  context: Context,
  { healed } = { healed: false },
): Promise<Observation> {
  const { service } = managed;
  const record = context.records.get(service.name);
  const last = context.records.last(service.name);
  // What was undone again the unit knows no longer.
  const lastReloaded = last?.failedAt === "health" && record.head === last.to ? last.to : record.commit;
  const unitFiles = context.units.lastSeen(service)?.files ?? [];
  const compared = await compareLinks(managed, { target, head: record.head, lastReloaded }, unitFiles);
  const packageMissing = await isPackageMissing(managed, context);
  const files = await observeFiles(managed, context);
  const { checkout: seen } = files;
  if (seen.is === "foreign") throw new Problem("git", foreign(service.checkout), { code: "path-blocked" });
  const heal = await judgeDrift(managed, files, { healed }, context);
  const table = context.mountTable();
  const mounted = context.records.mounts(service.name);
  const links = compared.map((link) => ({
    ...link,
    bind: seeBind(service, link.link, table),
    hides: seeHidden(service, link.link, mounted, table),
  }));
  const interruptedAt = last === null || last.result === "done" ? null : last.to;
  const inQuestion = last?.failedAt === "health" && last.to === target;
  const isUnproven = inQuestion && last.result === "superseded" && isFrozen(record.state);
  const observed: Observed = {
    applied: record.commit,
    lastReloaded,
    // Nobody has seen the files of a commit that was refused.
    verb: await verbOf(managed, links, {
      target,
      lastReloaded,
      interruptedAt: last?.failedAt === "check" ? null : interruptedAt,
      drifted: heal.places,
    }),
    checkout: await fitness(seen, service, record),
    links,
    orphans: orphansOf(service, mounted),
    packageMissing,
    interruptedAt,
    unfinished:
      managed.pendingReload ||
      (last !== null && (last.result === null || (last.to === target && isHalfDone(last)))),
    unverified: inQuestion && !isUnproven,
    healsFiles: heal.due,
  };
  const why = [heal.reason, reasonForHost(target, observed)].filter(Boolean).join("; ");
  const note = isUnproven ? `${shortCommit(target)} was frozen before it was known to be well` : "";
  const drift = joinDrift([{ drift: note }, { drift: heal.drift, code: "local-edits" }]);
  return { observed, drift, why, editedAt: editedAt(service, seen), isUnproven };
}

/** Kept by a person at whatever it has. */
function isFrozen(state: ServiceState): boolean {
  const hold = holdOf(state);
  return hold !== null && hold.commit === null;
}

/** The unit may not have heard of the files; where only its health was in question it has, and a refused commit it never has. */
function isHalfDone({ result, failedAt }: LastDeployment): boolean {
  return result !== "done" && failedAt !== "health" && failedAt !== "check";
}

function foreign(checkout: string): string {
  return `Cannot check out to ${JSON.stringify(checkout)}: something is there that gitopper did not make; move it away`;
}

type LinkContent = Omit<LinkSeen, "bind" | "hides">;

async function compareLinks(
  { service, history }: ManagedService,
  commits: { target: Commit; head: Commit | null; lastReloaded: Commit | null },
  unitFiles: readonly string[],
): Promise<LinkContent[]> {
  const want = await history.entries(commits.target);
  const head = commits.head === null ? null : await entriesOrNone(history.entries(commits.head));
  const lastReloaded =
    commits.lastReloaded === null ? null : await entriesOrNone(history.entries(commits.lastReloaded));
  return service.links.map((link) => {
    const entry = want.get(link.link);
    assertLink(link, entry, commits.target);
    return {
      link,
      stale: !sameEntry(entry, head?.get(link.link)),
      needsReload: !sameEntry(entry, lastReloaded?.get(link.link)),
      unitFiles: link.local !== null && touchesUnitFiles(link.local),
      definesUnits: link.local !== null && touchesDefinitions(link.local, unitFiles),
    };
  });
}

async function isPackageMissing(managed: ManagedService, context: Context): Promise<boolean> {
  const name = managed.service.package;
  if (name === null || managed.packageKnown) return false;
  managed.packageKnown = await isInstalled(name, context.packageManager, context.exec);
  return !managed.packageKnown;
}

async function fitness(
  seen: Exclude<CheckoutSeen, { is: "foreign" }>,
  service: Service,
  record: ServiceRecord,
): Promise<Observed["checkout"]> {
  if (seen.is !== "present") return seen;
  const { head } = record;
  // While a checkout is incomplete, missing files are not local edits.
  const edits = head === null ? await existingEdits(service.checkout, seen.edits) : seen.edits;
  const changed = seen.edits.some((edit) => !edit.untracked) || (head !== null && seen.head !== head);
  return {
    is: "fit",
    head: head ?? seen.head,
    edited: edits.length > 0 || changed || seen.ignored,
    narrowed: head !== null && record.links === narrowingOf(service),
    // A rollback restores the files of its commit over local edits.
    whole: head !== null && !(record.state.name === "ROLLBACK" && changed),
  };
}

/** Where we have mounted before, what is below has been lastReloaded. */
function seeHidden(service: Service, link: Link, mounted: readonly AbsPath[], table: MountTable): string {
  const [bind] = bindsOf(service, [link]);
  if (bind === undefined || mounted.includes(futureRealOf(bind.target))) return "";
  return hiddenBy(bind, table);
}

function seeBind(service: Service, link: Link, table: MountTable): LinkSeen["bind"] {
  const [bind] = bindsOf(service, [link]);
  return bind === undefined ? null : observeBind(bind, table);
}
