/** The interface of the routes to the daemon. */

import type * as z from "zod/mini";
import type { Progress } from "../model/deployment/progress.ts";
import type { ServiceStatus } from "../model/event.ts";
import type { Freshness } from "../model/state.ts";
import type { Role } from "./caller.ts";
import type { EventRow, ProgressRow } from "./event-shapes.ts";
import type { pageQuery } from "./requests.ts";
import type {
  AuditEntry,
  CommitsReply,
  DeploymentRow,
  DiffReply,
  DoctorCheck,
  DriftDiffReply,
  DriftReply,
  HostReply,
  PlanReply,
  ServiceDetails,
  TokenRow,
} from "./shapes.ts";

/** `unknown`: there is no such service; `refused`: the message says why not. */
export type Refusal = {
  readonly ok: false;
  readonly why: "unknown" | "refused";
  readonly message: string;
};
export type Answer = { readonly ok: true; readonly message: string } | Refusal;
export type Found<T> = { readonly ok: true; readonly value: T } | Refusal;

/** The person who requests a change, and why; both are shown to people. Empty reason: none. */
export interface ChangeRequest {
  readonly by: string;
  readonly reason: string;
}

/** A service's status, and its running deployment; null or absent: none. */
export interface SeenService extends ServiceStatus {
  readonly progress?: Progress | null;
}

export interface Host {
  /** Every `machine` of the config, and this host's own name. */
  machines(): readonly { readonly machine: string; readonly actual: string }[];
  services(): readonly SeenService[];
  /** Empty when healthy; otherwise what is wrong with the daemon itself. */
  stuckReason(): string;

  /** `until` null: until it is unfrozen. */
  freeze(service: string, request: ChangeRequest & { readonly until: Date | null }): Promise<Answer>;
  unfreeze(service: string, request: Pick<ChangeRequest, "by">): Promise<Answer>;
  /** `hash`: a full or unambiguous short commit id. Resolves when the decision is durable. */
  rollback(service: string, request: ChangeRequest & { readonly hash: string }): Promise<Answer>;
  /** Polls upstream now; resolves when the poll has been requested. */
  pull(
    service: string,
    how: ChangeRequest & { readonly overrideWindow: boolean; readonly again: boolean },
  ): Promise<Answer>;

  /** Unmounts single files for a time: of one service, or of all. */
  aside(request: { readonly service: string | null; readonly forMs: number }): Promise<Answer>;
  resume(service: string | null): Promise<Answer>;
  /** Puts the files of a service, or of all, in the place of their mounts, and leaves it alone until it is unfrozen. */
  release(request: ChangeRequest & { readonly service: string | null }): Promise<Answer>;

  about(): HostReply;
  details(): Promise<readonly ServiceDetails[]>;
  detailsOf(service: string): Promise<Found<ServiceDetails>>;
  deployments(service: string, page: Page): Promise<Found<readonly DeploymentRow[]>>;
  /** The commits that a pull or an unfreeze would bring. */
  ahead(service: string, fresh: Freshness): Promise<Found<CommitsReply>>;
  /** What would change in the service's files; `to` null: with a pull. */
  diff(service: string, to: string | null): Promise<Found<DiffReply>>;
  drift(service: string): Promise<Found<DriftReply>>;
  /** The contents of its local edits. */
  driftDiff(service: string): Promise<Found<DriftDiffReply>>;
  /** The steps of a pull, or of a rollback to `to`. */
  plan(
    service: string,
    how: { readonly to: string | null; readonly fresh: Freshness },
  ): Promise<Found<PlanReply>>;
  /** The last lines of the unit's journal, oldest first. */
  unitLog(service: string, lines: number): Promise<Found<readonly string[]>>;
  doctor(fresh: Freshness): Promise<readonly DoctorCheck[]>;

  /** Kept events, oldest first, with an id above `after`. */
  events(page: {
    readonly after: number;
    readonly limit: number;
    readonly service: string | null;
  }): readonly EventRow[];
  /** The id of the newest event; 0 before the first. */
  newestEvent(): number;
  /** Events after `after`, then every new one, until aborted. */
  followEvents(after: number, signal: AbortSignal): AsyncIterable<EventRow | ProgressRow>;

  readonly tokens: Tokens;
  readonly audit: Audit;
}

/** A page of a list, newest first: rows with an id below `before`, if that is given. */
export type Page = Readonly<z.output<typeof pageQuery>>;

export interface Tokens {
  /** Only this answer contains the token itself. */
  create(wanted: {
    readonly name: string;
    readonly role: Role;
    readonly expiresAt: Date | null;
    readonly by: string;
  }): { readonly ok: true; readonly token: string; readonly row: TokenRow } | Refusal;
  list(): readonly TokenRow[];
  /** By name or id. */
  revoke(which: string): Answer;
  /** The owner of a token; null: it is unknown, expired or revoked. */
  check(token: string): { readonly id: string; readonly name: string; readonly role: Role } | null;
}

export interface Audit {
  /** Durable when it returns. */
  record(entry: Omit<AuditEntry, "id" | "at">): void;
  list(page: Page): readonly AuditEntry[];
}
