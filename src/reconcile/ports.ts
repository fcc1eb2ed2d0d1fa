/** What a reconcile asks of the rooms that it must not know: the unit monitor, the file watch, and what people have set aside. */
import type { Service } from "../model/service.ts";
import type { Drifted } from "../model/state.ts";
import type { UnitSeen } from "../model/unit.ts";

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
  /** What systemd said last, without asking it; null: it was not asked, or the config leaves systemd alone. */
  lastSeen(service: Service): UnitSeen | null;
  /** The host is shutting down; asks systemd. @throws Problem */
  hostStops(): Promise<boolean>;
}

export interface FilePort {
  /** Reports every change of the service's files from now on. */
  cover(service: Service): Promise<void>;
}

/** Services whose single files are unmounted for a package manager: they are not reconciled meanwhile. */
export interface AsidePort {
  has(service: string): boolean;
  /** Until when, in words for people; empty where the service is not aside. */
  words(service: string): string;
}
