/** From what a service should be and what it is, the steps that remain. Pure. */
import type { Commit } from "../model/commit.ts";
import type { AbsPath } from "../model/path.ts";
import type { Link, Service } from "../model/service.ts";
import type { UnitSeen } from "../model/unit.ts";

export type Step =
  | { readonly do: "install-package"; readonly name: string }
  | { readonly do: "set-aside"; readonly why: string }
  /** Makes it for the links of the service, without files. */
  | { readonly do: "add-checkout"; readonly commit: Commit }
  /** To other links than before. */
  | { readonly do: "narrow" }
  /** `interruptedAt`: where a checkout that was cut off was going to. */
  | {
      readonly do: "save-edits";
      readonly base: Commit;
      readonly to: Commit;
      readonly interruptedAt: Commit | null;
    }
  /** Saves what a heal overwrites as a patch, removes what was added, and gives directories back to git's user. */
  | { readonly do: "clear-drift"; readonly base: Commit; readonly to: Commit }
  /**
   * Git writes the commit beside the checkout: all of it where `whole`, else what differs. `ours`: what a checkout that
   * was cut off may have files of. `base`: what the checkout has now; null: nothing that is known as a whole.
   */
  | {
      readonly do: "stage";
      readonly commit: Commit;
      readonly whole: boolean;
      readonly ours: readonly Commit[];
      readonly base: Commit | null;
    }
  /** What is staged is good: the service's check and systemd have nothing against it. */
  | { readonly do: "check"; readonly commit: Commit }
  /** What is staged goes over into the checkout. */
  | { readonly do: "publish"; readonly commit: Commit }
  | { readonly do: "unmount"; readonly target: AbsPath }
  /** Puts the link into place, instead of what we mounted there before, or over what others did. */
  | { readonly do: "mount"; readonly link: Link & { readonly local: AbsPath }; readonly hides?: string }
  | { readonly do: "daemon-reload" }
  | { readonly do: "systemctl"; readonly verb: string }
  /** Waits until the service is well, and fails when it is not; `unit`: its unit has to run, else a person may have stopped it. */
  | { readonly do: "verify"; readonly unit: boolean };

/** A link as it is on the host now. */
export interface LinkSeen {
  readonly link: Link;
  /** Null: the link has no local path. */
  readonly bind: "mounted" | "absent" | "elsewhere" | null;
  /** What the host has there that the first mount will hide, in a few words; empty or absent: nothing. */
  readonly hides?: string;
  /** The content at the link differs between the checkout's HEAD and the target. */
  readonly stale: boolean;
  /** The content at the link differs between the commit that the unit was last reloaded with and the target. */
  readonly needsReload: boolean;
  /** The link's local path is where systemd searches for unit files. */
  readonly unitFiles: boolean;
  /** What is there may define units: unit files, and what generators make units from. */
  readonly definesUnits: boolean;
}

export type UnitLook = Pick<
  UnitSeen,
  "load" | "active" | "sub" | "file" | "needsDaemonReload" | "triggered" | "wanted"
>;

export interface Observed {
  /** The commit whose deployment was last completed; null: none was. */
  readonly applied: Commit | null;
  /** The commit that the unit was last reloaded with; null: none. */
  readonly lastReloaded: Commit | null;
  /** The verb for the unit; null: none is needed. */
  readonly verb: string | null;
  /** `fit`: the checkout is whole and has the files of the links, or can get them from git. */
  readonly checkout:
    | { readonly is: "absent" }
    | { readonly is: "unfit"; readonly why: string }
    | {
        readonly is: "fit";
        readonly head: Commit;
        readonly edited: boolean;
        readonly narrowed: boolean;
        readonly whole: boolean;
      };
  /** In the config's order: a link whose local path lies in another's comes after it. */
  readonly links: readonly LinkSeen[];
  /** Mounted for the service earlier, and no longer in the config. */
  readonly orphans: readonly AbsPath[];
  readonly packageMissing: boolean;
  /** The commit of a checkout that was cut off or failed: some files may be its already. */
  readonly interruptedAt: Commit | null;
  /** The last deployment was cut off, or was of this target and failed: the unit may not have been reloaded. */
  readonly unfinished: boolean;
  /** The unit has been reloaded with the target, and was not well. */
  readonly unverified: boolean;
  /** Files that drifted are to be put right. */
  readonly healsFiles: boolean;
}

/** What remains to be done before the unit is observed, and whether its verb is run. */
export interface Plan {
  readonly files: readonly Step[];
  readonly runsVerb: boolean;
  /** Afterwards the service has to be well. */
  readonly verifies: boolean;
}

/**
 * The steps that bring a service's files to `target`; none when there is nothing to do. A missing package comes
 * alone: it brings users, files and units, so everything has to be observed again after it.
 */
export function plan(service: Service, target: Commit, observed: Observed): Plan {
  if (observed.packageMissing && service.package !== null)
    return { files: [{ do: "install-package", name: service.package }], runsVerb: false, verifies: false };
  const { lastReloaded, unfinished, unverified, links } = observed;
  const content = planContent(service, target, observed);
  const files = [...content, ...planMounts(observed, content.length > 0)];
  const needsReload = lastReloaded === null || unfinished || links.some((link) => link.needsReload);
  const runsVerb = observed.verb !== null && (needsReload || files.length > 0);
  const probed = service.health.probes.length > 0 && (needsReload || files.length > 0);
  return { files, runsVerb, verifies: runsVerb || probed || unverified };
}

function planContent(service: Service, target: Commit, observed: Observed): readonly Step[] {
  const { checkout, links, healsFiles } = observed;
  const make: Step = { do: "add-checkout", commit: target };
  const fill: readonly Step[] = [
    {
      do: "stage",
      commit: target,
      whole: needsWhole(service, observed),
      ours: oursIn(observed),
      base: checkout.is === "fit" && checkout.whole ? checkout.head : null,
    },
    ...(isChecked(service, observed) ? [{ do: "check", commit: target } as const] : []),
    ...saving(target, observed),
    { do: "publish", commit: target },
  ];
  switch (checkout.is) {
    case "absent":
      return [make, ...fill];
    case "unfit":
      return [{ do: "set-aside", why: checkout.why }, make, ...fill];
    case "fit":
      if (checkout.whole && checkout.narrowed && !healsFiles && !links.some((link) => link.stale)) return [];
      return checkout.narrowed ? fill : [{ do: "narrow" }, ...fill];
  }
}

/** What checks the commit has to see all of it, and what is not as HEAD has it is only overwritten by all of it. */
function needsWhole(service: Service, { checkout, links, healsFiles }: Observed): boolean {
  if (healsFiles || isChecked(service, { links })) return true;
  return checkout.is !== "fit" || !checkout.whole || !checkout.narrowed || checkout.edited;
}

/** Unit files are always verified. */
function isChecked({ check }: Service, { links }: Pick<Observed, "links">): boolean {
  return check !== null || links.some((link) => link.unitFiles);
}

function oursIn({ checkout, interruptedAt, applied }: Observed): readonly Commit[] {
  if (checkout.is !== "fit" || checkout.whole) return [];
  return [...new Set([interruptedAt, applied])].filter((commit) => commit !== null);
}

function saving(target: Commit, { checkout, interruptedAt, healsFiles }: Observed): readonly Step[] {
  if (checkout.is === "fit" && healsFiles) return [{ do: "clear-drift", base: checkout.head, to: target }];
  if (checkout.is !== "fit" || !checkout.edited) return [];
  return [{ do: "save-edits", base: checkout.head, to: target, interruptedAt }];
}

function planMounts(
  { checkout, links, orphans, healsFiles }: Observed,
  contentChanges: boolean,
): readonly Step[] {
  const steps: Step[] = orphans.map((target) => ({ do: "unmount", target }));
  const asIs =
    checkout.is === "fit" && checkout.whole && checkout.narrowed && !checkout.edited && !healsFiles;
  for (const { link, bind, stale, hides } of links) {
    const { local } = link;
    if (local === null || bind === null) continue;
    // A changed file is replaced by a new one, which a bind of the old one does not show.
    const outdated = checkout.is !== "fit" || (link.file && contentChanges && (stale || !asIs));
    if (bind === "mounted" && !outdated) continue;
    steps.push({ do: "mount", link: { ...link, local }, ...(hides && { hides }) });
  }
  return steps;
}

/** What steps hide of the host, for the history; empty for nothing. */
export function renderHides(steps: readonly Step[]): string {
  const hidden = steps.flatMap((step) =>
    step.do === "mount" && step.hides ? [`${step.link.local} hides ${step.hides}`] : [],
  );
  return hidden.join("; ");
}
