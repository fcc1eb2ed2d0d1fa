/** The record of every service, in memory and in the journal alike; emits an event for each change. */
import type { BadCommits } from "../history/bad-commits.ts";
import type { Journal, Start } from "../history/journal.ts";
import type { KeptDeployment, ServiceRecord } from "../history/kept.ts";
import { sourceOf } from "../host/mounts/mounts.ts";
import type { BadCommit } from "../model/bad-commit.ts";
import type { Commit } from "../model/commit.ts";
import type { Deployment } from "../model/deployment/deployment.ts";
import type { Event, ServiceStatus } from "../model/event.ts";
import type { AbsPath } from "../model/path.ts";
import { hasFailed, holdOf } from "../model/state.ts";
import type { Clock } from "../platform/clock.ts";
import { futureRealOf } from "../platform/files/trust.ts";
import { next, type StateEvent } from "../rollout/next.ts";
import { dirty } from "../rollout/phase.ts";
import {
  type Change,
  changed,
  changeTo,
  type Listeners,
  type MarkedBad,
  type Memory,
  type Move,
  noDeployment,
  type Reached,
  registered,
  statusOf,
} from "./record-change.ts";

export class Records {
  readonly #records: Map<string, ServiceRecord>;
  /** The commit of each service in its last event. */
  readonly #reported = new Map<string, Commit | null>();
  readonly #journal: Journal;
  readonly #badCommits: BadCommits;
  /** A cache, by service. */
  readonly #bad = new Map<string, Map<string, BadCommit>>();
  readonly #tell: Listeners;
  readonly #clock: Clock;

  constructor({ journal, badCommits }: Memory, tell: Listeners, clock: Clock) {
    this.#journal = journal;
    this.#badCommits = badCommits;
    this.#tell = tell;
    this.#clock = clock;
    this.#records = new Map(journal.records().map((record) => [record.service, record]));
  }

  records(): readonly ServiceRecord[] {
    return [...this.#records.values()];
  }

  /** Takes up a service of the config; one whose checkout is to be elsewhere now has none there yet. */
  register(service: string, place: Pick<ServiceRecord, "checkout" | "store" | "user">): void {
    const known = this.#records.get(service);
    const record = registered(known ?? null, { service, ...place }, this.#clock.now());
    const isNews = JSON.stringify(record) !== JSON.stringify(known);
    if (isNews) this.#journal.together(() => this.#journal.save(record));
    this.#publish({ records: [record], events: [changed(known ?? null, record)] });
  }

  get(service: string): ServiceRecord {
    const record = this.#records.get(service);
    if (record === undefined) throw new Error(`No record of service ${service}`);
    return record;
  }

  status(service: string): ServiceStatus {
    return statusOf(this.get(service));
  }

  /** Makes all that `work` writes durable at once. */
  together(work: () => void): void {
    this.#journal.together(work);
  }

  /** Applies an event to the service's state; durable before it returns. */
  apply(service: string, event: StateEvent): void {
    const record = this.get(service);
    const state = next(record.state, event);
    if (state !== record.state) this.#change([{ ...record, state }]);
  }

  /** The same; durable when it resolves, as `begin`. */
  async applySoon(service: string, event: StateEvent): Promise<void> {
    const { state } = this.get(service);
    if (next(state, event) === state) return;
    const write = () => {
      const record = this.get(service);
      const after = { ...record, state: next(record.state, event) };
      const change = changeTo([after], this.#records, this.#clock.now());
      this.#write(change);
      return () => this.#publish(change);
    };
    // What cannot be written may be a failure, which is reported nevertheless.
    await this.#journal.soon(write).catch(() => this.apply(service, event));
  }

  /** Remembers whether the service's unit is enabled. */
  enabled(service: string, enabled: boolean): void {
    const record = this.get(service);
    if (record.enabled !== enabled) this.#save({ records: [{ ...record, enabled }], events: [] });
  }

  /** The content at the services' links is the same in these commits: only the records move, with one write to disk. */
  moved(moves: readonly Move[]): void {
    const afters = moves.map((move) => {
      const record = this.get(move.service);
      return { ...record, ...move, state: next(record.state, { type: "moved" }) };
    });
    if (afters.length > 0) this.#change(afters);
  }

  /** Durable when it resolves, at once with what other services write in the same turn; one write of a service at a time. */
  begin(start: Start): Promise<number> {
    return this.#journal.soon(() => {
      const record = this.get(start.service);
      const source = start.mounts.length > 0 ? sourceOf(record.checkout) : "";
      const id = this.#journal.begin({ ...start, mounts: start.mounts.map(futureRealOf), source });
      return () => {
        this.#records.set(start.service, { ...record, phase: start.phase });
        return id;
      };
    });
  }

  /** From now on the checkout is not that of any commit as a whole; durable when it returns. */
  markCheckoutDirty(service: string): void {
    const record = this.get(service);
    const phase = dirty(record.phase, record.commit);
    if (phase === record.phase) return;
    this.#journal.savePhase(service, phase);
    this.#records.set(service, { ...record, phase });
  }

  /** As `begin`, for a deployment that cannot be written because the disk is full: it is known until the daemon ends. */
  beginUnwritten({ service, phase }: Pick<Start, "service" | "phase">): void {
    this.#records.set(service, { ...this.get(service), phase });
  }

  /** A commit that `blamed` names is not tried again. Durable when it resolves, as `begin`. */
  end(id: number, deployment: Deployment, reached: Reached, blamed: MarkedBad | null = null): Promise<void> {
    return this.#journal.soon(() => {
      const record = this.get(deployment.service);
      const changedAt = reached.commit === record.commit ? record.changedAt : this.#clock.now();
      const after = { ...record, ...reached, changedAt };
      // The history has the most telling trigger of all its tries.
      const ended = { ...deployment, ...this.#journal.causeOf(id) };
      const events: Event[] = [{ type: "deployment-ended", deployment: ended }];
      this.#journal.end(id, deployment, after);
      const { commit } = statusOf(after);
      if (after.commit !== record.commit || commit !== this.#reported.get(after.service))
        events.push(changed(record, after));
      if (blamed !== null) this.#badCommits.add(after.service, blamed.fingerprint, blamed.bad);
      events.forEach(this.#tell.keep);
      return () => {
        if (blamed !== null) this.#badOf(after.service).set(blamed.fingerprint, blamed.bad);
        this.#publish({ records: [after], events });
      };
    });
  }

  hasBadCommits(service: string): boolean {
    return this.#badOf(service).size > 0;
  }

  badCommit(service: string, fingerprint: string): BadCommit | null {
    return this.#badOf(service).get(fingerprint) ?? null;
  }

  /** All commits of the service may be tried again; durable when it returns. */
  clearBadCommits(service: string): void {
    if (!this.hasBadCommits(service)) return;
    this.#badCommits.clear(service);
    this.#bad.delete(service);
  }

  #badOf(service: string): Map<string, BadCommit> {
    const known = this.#bad.get(service) ?? this.#badCommits.all(service);
    this.#bad.set(service, known);
    return known;
  }

  deployments(service: string, page: Parameters<Journal["deployments"]>[1]): readonly KeptDeployment[] {
    return this.#journal.deployments(service, page);
  }

  heals(service: string, span: Parameters<Journal["heals"]>[1]): number {
    return this.#journal.heals(service, span);
  }

  mounts(service: string): readonly AbsPath[] {
    return this.#journal.mounts(service);
  }

  sources = (service: string): readonly string[] => this.#journal.sources(service);

  unmounted(target: AbsPath): void {
    this.#journal.removeMount(target);
  }

  /** A person has released the service: its next deployment is a first one. Durable when it returns. */
  release(service: string, decided: { readonly by: string; readonly reason: string }): void {
    const record = this.get(service);
    const state = next(record.state, { type: "release", ...decided, at: this.#clock.now() });
    this.#journal.forgetUnfinished(service);
    this.#change([{ ...record, ...noDeployment, state }]);
  }

  forget(service: string): void {
    const event: Event = { type: "service-removed", service };
    this.#reported.delete(service);
    this.#journal.together(() => {
      this.#journal.forget(service);
      this.#tell.keep(event);
    });
    this.#records.delete(service);
    this.#tell.publish(event);
  }

  #change(afters: readonly ServiceRecord[]): void {
    this.#save(changeTo(afters, this.#records, this.#clock.now()));
  }

  #save(change: Change): void {
    const isFailure = ({ service, state }: ServiceRecord) =>
      hasFailed(state) && holdOf(state) === holdOf(this.get(service).state);
    try {
      this.#journal.together(() => this.#write(change));
    } catch (error) {
      // A failure is reported even if it cannot be written, as on a full disk; everything else is durable first.
      if (!change.records.every(isFailure)) throw error;
    }
    this.#publish(change);
  }

  #write({ records, events }: Change): void {
    for (const record of records) this.#journal.save(record);
    events.forEach(this.#tell.keep);
  }

  /** When it is durable. */
  #publish({ records, events }: Change): void {
    for (const record of records) this.#records.set(record.service, record);
    for (const event of events) {
      if (event.type === "state-changed") this.#reported.set(event.status.service, event.status.commit);
      this.#tell.publish(event);
    }
  }
}
