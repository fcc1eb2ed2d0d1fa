/** What a reconcile asks of the host. The adapters are in `checkout/` and `host/`, the fakes in `test/builders/`. */
import type { WrongAttribute } from "../git/checkout/attributes.ts";
import type { CheckoutSeen } from "../git/checkout/checkout.ts";
import type { Made } from "../history/host-before.ts";
import type { Bind } from "../host/mounts/mounts.ts";
import type { Account } from "../model/account.ts";
import type { Commit } from "../model/commit.ts";
import type { AbsPath } from "../model/path.ts";
import type { Link, Service } from "../model/service.ts";
import type { Drifted } from "../model/state.ts";
import type { UnitSeen } from "../model/unit.ts";
import type { LinkSeen, Step } from "../rollout/plan.ts";
import type { ManagedService } from "./managed-service.ts";

/** What is at the path of a checkout, with the modes and owners that git does not record. */
export interface FilesSeen {
  readonly checkout: CheckoutSeen;
  readonly attributes: readonly WrongAttribute[];
}

/** A step of the planner, by its name. */
export type StepOf<D extends Step["do"]> = Extract<Step, { do: D }>;

/** The files of services on disk. All methods reject with a Problem. */
export interface Checkouts {
  /** Mends a checkout whose git metadata is damaged; runs git only if files have changed since the last time. */
  observe(managed: ManagedService): Promise<FilesSeen>;
  /** When the newest local edit was made, of those at the links; null: there is none. */
  editedAt(service: Service, files: FilesSeen): Date | null;
  /** Nothing that was observed of the service before counts. */
  forget(service: string): void;
  /** Makes git's metadata of a checkout again; `why` goes to the log. False: it cannot be mended. */
  mend(managed: ManagedService, why: string): Promise<boolean>;
  setAside(service: Service, why: string): void;
  add(managed: ManagedService, commit: Commit): Promise<void>;
  narrow(managed: ManagedService): Promise<void>;
  saveEdits(managed: ManagedService, step: StepOf<"save-edits">): Promise<void>;
  clearDrift(managed: ManagedService, step: StepOf<"clear-drift">): Promise<void>;
  /** Git writes the commit beside the checkout. Rejects with a Refusal where the commit has what may not be. */
  stage(managed: ManagedService, step: StepOf<"stage">): Promise<void>;
  /** Where the staged commit is. */
  staged(service: string, commit: Commit): AbsPath;
  publish(managed: ManagedService, commit: Commit): Promise<void>;
  /** Once for each deployment: waits for what a publish left to be done, and removes the stage. */
  finish(managed: ManagedService): Promise<void>;
}

/** Where mounts are, or were, and which checkout they show. */
export interface MountsOf {
  readonly service: string;
  readonly checkout: AbsPath;
}

export interface Mounts {
  /** How the link is mounted, and what of the host its first mount would hide. */
  observe(service: Service, link: Link): Pick<LinkSeen, "bind" | "hides">;
  /** What has to be made for a mount at the path; null: it exists. */
  missing(local: AbsPath): Made | null;
  /** Removes what was made for a mount, as far as it is empty. */
  removeMade(made: Made, account: Account): Promise<void>;
  /** Replaces an earlier mount of ours, and unmounts what covers it; a foreign mount stays below. @throws Problem */
  put(bind: Bind, managed: Pick<ManagedService, "service" | "account">): Promise<void>;
  /** Mounts that are not gitopper's stay at the same target. @throws Problem */
  unmount(place: MountsOf, targets: readonly AbsPath[]): Promise<void>;
  /** As `unmount`, until the service is reconciled: it is still recorded that they were mounted. */
  suspend(place: MountsOf, targets: readonly AbsPath[]): Promise<void>;
}

/** What a reconcile knows of a unit when it has nothing more to do. */
export interface AtEnd {
  /** The reconcile has started, stopped or reloaded the unit: its crash history begins again. */
  readonly touched: boolean;
  /** The reconcile has deployed another commit. */
  readonly deployed: boolean;
  /** When the newest local edit of the service's files was made; null: there is none. */
  readonly editedAt: Date | null;
}

/** Units between deployments. */
export interface UnitPort {
  /** The drift of a unit; empty: none, or the config leaves systemd alone. @throws Problem when the unit has failed */
  judge(service: Service, atEnd: AtEnd): Promise<Drifted>;
  /** The last answer of systemd, without a query; null: there is none, or the config leaves systemd alone. */
  lastSeen(service: Service): UnitSeen | null;
  /** The host is shutting down; asks systemd. @throws Problem */
  hostStops(): Promise<boolean>;
}

export interface Units extends UnitPort {
  /** @throws Problem */
  observe(unit: string): Promise<UnitSeen>;
  /** `systemctl <verb>`, with what it takes. @throws Problem, with what systemctl and the unit have said */
  run(service: Service, verb: string, signal: AbortSignal): Promise<void>;
  /** `systemctl daemon-reload`. @throws Problem */
  reloadFiles(): Promise<void>;
}

/** Checks a staged commit, as the config and its unit files demand. @throws Refusal where it is not good; Problem */
export type Checks = (
  managed: ManagedService,
  staged: { readonly commit: Commit; readonly stage: AbsPath },
  over: AbortSignal,
) => Promise<void>;

/**
 * Waits until the service is well. `mustRun`: a unit that does not run is unhealthy; otherwise an administrator may
 * have stopped it. `onProgress` gets the last answers of the probes, in a few words.
 * @throws Problem; the reason of `over`, when that ends the wait
 */
export type Probes = (
  managed: ManagedService,
  duty: { readonly mustRun: boolean; readonly onProgress: (health: string) => void },
  over: AbortSignal,
) => Promise<void>;

export interface Packages {
  /** @throws Problem */
  isMissing(service: Pick<Service, "package">): Promise<boolean>;
  /** Without a package manager nothing is installed, and `isMissing` says so. @throws Problem */
  install(name: string): Promise<void>;
  /** Nothing that was observed of the service's package before counts. */
  forget(service: Pick<Service, "package">): void;
}
