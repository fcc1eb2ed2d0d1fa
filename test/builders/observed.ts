/** What a service is like on its host, for tests of plans. */
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { plainService, type Service } from "../../src/model/service.ts";
import { type LinkSeen, type Observed, plan, type UnitLook } from "../../src/rollout/plan.ts";
import { planAfterwards, planUnitFiles } from "../../src/rollout/unit/plan-unit.ts";

export const old = "a".repeat(40) as Commit;
export const target = "b".repeat(40) as Commit;
export const etc = { local: "/etc/app" as AbsPath, link: "app/etc" as RepoPath, file: false };
export const conf = { local: "/etc/app.conf" as AbsPath, link: "app/app.conf" as RepoPath, file: true };

export const aService = (changes: Partial<Service> = {}): Service => ({
  ...plainService,
  name: "app",
  machine: "alpha",
  upstream: "https://example.com/config",
  branch: "main",
  checkout: "/srv/app" as AbsPath,
  user: "root",
  action: "reload",
  links: [etc],
  ...changes,
});
export const aLink = (changes: Partial<LinkSeen> = {}): LinkSeen => ({
  link: etc,
  bind: "mounted",
  stale: false,
  needsReload: false,
  unitFiles: false,
  definesUnits: changes.unitFiles === true,
  ...changes,
});
export const aCheckout = (changes: object = {}) =>
  ({ is: "fit", head: old, edited: false, narrowed: true, whole: true, ...changes }) as Observed["checkout"];
export const aUnit = (changes: object = {}) => ({
  load: "loaded",
  active: "active",
  sub: "running",
  file: "enabled",
  needsDaemonReload: false,
  triggered: false,
  wanted: true,
  ...changes,
});
type Seen = Omit<Observed, "verb"> & { readonly verb?: string | null; readonly unit: UnitLook };
export const seen = ({ unit = aUnit(), ...changes }: Partial<Seen> = {}): Seen => ({
  unit,
  applied: old,
  checkout: aCheckout(),
  links: [aLink()],
  orphans: [],
  packageMissing: false,
  interruptedAt: null,
  unfinished: false,
  unverified: false,
  healsFiles: false,
  ...changes,
  lastReloaded:
    changes.lastReloaded !== undefined
      ? changes.lastReloaded
      : changes.applied !== undefined
        ? changes.applied
        : old,
});
/** The steps in short: `mount /etc/app`, `systemctl reload`. */
export const steps = ({ unit, ...seen }: Seen, service = aService()) => {
  const observed = { verb: service.action, ...seen };
  const planned = plan(service, target, observed);
  const afterwards = [
    ...planUnitFiles(observed, planned, unit),
    ...planAfterwards(service, observed, planned, unit),
  ];
  return [...planned.files, ...afterwards].map((step) => {
    if (step.do === "mount") return `mount ${step.link.local}`;
    if (step.do === "unmount") return `unmount ${step.target}`;
    if (step.do === "verify") return step.unit ? "verify" : "verify without unit";
    return step.do === "systemctl" ? `systemctl ${step.verb}` : step.do;
  });
};
export const changed = aLink({ stale: true, needsReload: true });
