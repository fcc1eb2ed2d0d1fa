/** What a reconcile asks of the host, besides what `checkout/` and `host/` answer: all of it is faked in unit tests. */
import type { WrongAttribute } from "../git/checkout/attributes.ts";
import type { CheckoutSeen } from "../git/checkout/checkout.ts";
import type { StoreTools } from "../git/store/store.ts";
import type { Commit } from "../model/commit.ts";
import type { AbsPath } from "../model/path.ts";
import type { Service } from "../model/service.ts";
import type { Drifted } from "../model/state.ts";
import type { UnitSeen } from "../model/unit.ts";
import type { Life } from "../platform/life.ts";
import type { Step } from "../rollout/plan.ts";
import type { ManagedService } from "./managed-service.ts";
import type { Records } from "./records.ts";

/** What is at the path of a checkout, with the modes and owners that git does not record. */
export interface FilesSeen {
  readonly checkout: CheckoutSeen;
  readonly attributes: readonly WrongAttribute[];
}

/** A step of the planner, by its name. */
export type StepOf<D extends Step["do"]> = Extract<Step, { do: D }>;

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

/** What checkouts are kept with. */
export interface CheckoutPorts extends Life {
  readonly tools: Pick<StoreTools, "git" | "exec">;
  readonly records: Pick<Records, "get">;
  /** Reports every change of the service's files from now on. */
  readonly files: { cover(service: Service): Promise<void> };
  readonly findGroup: FindGroup;
  readonly stateDir: AbsPath;
}

/** The number of a group of this host; null where it has none of that name. */
export type FindGroup = (name: string) => Promise<number | null>;
