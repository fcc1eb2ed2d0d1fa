/** Observes a service on this host, compared with the commit that it should have. */
import type { CheckoutSeen } from "../../git/checkout/checkout.ts";
import type { ServiceRecord } from "../../history/kept.ts";
import { touchesDefinitions, touchesUnitFiles } from "../../host/systemd/unit-files.ts";
import { type Commit, shortCommit } from "../../model/commit.ts";
import { Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import { type Drifted, holdOf, type ServiceState } from "../../model/state.ts";
import type { Clock } from "../../platform/clock.ts";
import { joinDrift, reasonForHost } from "../../rollout/drift.ts";
import { factsOf, headOf } from "../../rollout/phase.ts";
import type { LinkSeen, Observed } from "../../rollout/plan.ts";
import { assertLink, contentsOf, narrowingOf, orphansOf, sameEntry } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Checkouts, Mounts, Packages, UnitPort } from "../ports.ts";
import type { Records } from "../records.ts";
import { judgeDrift } from "./findings.ts";
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
export type Observe = ReturnType<typeof createObserve>;

interface Ports {
  readonly records: Records;
  readonly checkouts: Pick<Checkouts, "observe" | "editedAt">;
  readonly packages: Pick<Packages, "isMissing">;
  readonly observeLinks: ObserveLinks;
  readonly clock: Clock;
}

export function createObserve(ports: Ports) {
  const { records, checkouts, packages, observeLinks } = ports;
  return async (
    managed: ManagedService,
    target: Commit,
    { healed } = { healed: false },
  ): Promise<Observation> => {
    const { service } = managed;
    const record = records.get(service.name);
    const frozen = isFrozen(record.state);
    const facts = factsOf(record.phase, { applied: record.commit, target, frozen });
    const { isUnproven, lastReloaded, interruptedAt, ...rest } = facts;
    const observeMounts = await observeLinks(managed, { target, head: headOf(record.phase), lastReloaded });
    const packageMissing = await packages.isMissing(service);
    const files = await checkouts.observe(managed);
    const { checkout } = files;
    if (checkout.is === "foreign")
      throw new Problem("git", foreign(service.checkout), { code: "path-blocked" });
    const heal = await judgeDrift(service, files, { healed }, ports);
    // Last: files are watched and mended even where a mount cannot be observed.
    const links = observeMounts();
    const observed: Observed = {
      ...rest,
      ...{ applied: record.commit, lastReloaded, interruptedAt, links, packageMissing },
      verb: await verbOf(managed, links, { target, lastReloaded, interruptedAt, drifted: heal.places }),
      checkout: fitness(checkout, service, record),
      orphans: orphansOf(service, records.mounts(service.name)),
      healsFiles: heal.due,
    };
    const why = [heal.reason, reasonForHost(target, observed)].filter(Boolean).join("; ");
    const note = isUnproven ? `${shortCommit(target)} was frozen before it was known to be well` : "";
    const drift = joinDrift([{ drift: note }, { drift: heal.drift, code: "local-edits" }]);
    return { observed, drift, why, editedAt: checkouts.editedAt(service, files), isUnproven };
  };
}

/** Kept by a person at whatever it has. */
function isFrozen(state: ServiceState): boolean {
  const hold = holdOf(state);
  return hold !== null && hold.commit === null;
}

function foreign(checkout: string): string {
  return `Cannot check out to ${JSON.stringify(checkout)}: something is there that gitopper did not make; move it away`;
}

/** While a checkout is incomplete, what is there may be of another commit than its HEAD. */
function fitness(
  seen: Exclude<CheckoutSeen, { is: "foreign" }>,
  service: Service,
  { phase, links, state }: ServiceRecord,
): Observed["checkout"] {
  if (seen.is !== "present") return seen;
  const head = headOf(phase);
  const changed = seen.edits.some((edit) => !edit.untracked) || (head !== null && seen.head !== head);
  return {
    is: "fit",
    head: head ?? seen.head,
    edited: seen.edits.length > 0 || changed || seen.ignored,
    narrowed: head !== null && links === narrowingOf(service),
    // A rollback restores the files of its commit over local edits.
    whole: head !== null && !(state.name === "ROLLBACK" && changed),
  };
}

interface Commits {
  readonly target: Commit;
  readonly head: Commit | null;
  readonly lastReloaded: Commit | null;
}

/** Compares the content; the answer then observes the mounts. @throws Problem when the target lacks a link */
export type ObserveLinks = (managed: ManagedService, commits: Commits) => Promise<() => readonly LinkSeen[]>;

export function createObserveLinks(
  mounts: Pick<Mounts, "observe">,
  units: Pick<UnitPort, "lastSeen">,
): ObserveLinks {
  return async ({ service, history }, { target, head, lastReloaded }) => {
    const wanted = await history.entries(target);
    const commits = [head, lastReloaded];
    const isCommit = (commit: Commit | null) => commit !== null;
    const known = await contentsOf(history, commits.filter(isCommit));
    const [files, reloaded] = commits.map((commit) => commit && known.get(commit));
    const unitFiles = units.lastSeen(service)?.files ?? [];
    const compared = service.links.map((link) => {
      const entry = wanted.get(link.link);
      assertLink(link, entry, target);
      return {
        link,
        stale: !sameEntry(entry, files?.get(link.link)),
        needsReload: !sameEntry(entry, reloaded?.get(link.link)),
        unitFiles: link.local !== null && touchesUnitFiles(link.local),
        definesUnits: link.local !== null && touchesDefinitions(link.local, unitFiles),
      };
    });
    return () => compared.map((content) => ({ ...content, ...mounts.observe(service, content.link) }));
  };
}
