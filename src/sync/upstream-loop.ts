/** Looks at one upstream again and again, as one user, and wakes the services that share it. */
import { setImmediate } from "node:timers/promises";
import type { Trigger } from "../model/deployment.ts";
import type { Freshness } from "../model/state.ts";
import { holdOf } from "../model/state.ts";
import type { BranchMove } from "../model/webhook.ts";
import { wallTimeOf } from "../platform/clock.ts";
import { during } from "../platform/trace/span.ts";
import type { Context } from "../reconcile/context.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { reconcile } from "../reconcile/reconcile.ts";
import {
  coalesce,
  type ReconcileRequest,
  type RequestDetails,
  requestOf,
} from "../reconcile/reconcile-request.ts";
import type { Move } from "../reconcile/record-changes.ts";
import { wouldDeploy } from "../reconcile/target/decide-target.ts";
import { logBug, toProblem } from "../reconcile/to-problem.ts";
import { firstLookInMs, lookAgainInMs } from "../rollout/schedule.ts";
import type { KnownView, UpstreamView } from "../rollout/target.ts";
import { moveOn, sortByEffect } from "./affected.ts";
import { AwaitedPushes, confirmPushes } from "./awaited-pushes.ts";
import { type Group, resolveGroupOrReport, trackOf } from "./create-services.ts";
import { dueAmong, followersOf, isUrgent } from "./due.ts";
import { Intervals, type PollTimes } from "./intervals.ts";
import { prefetchFiles } from "./prefetch.ts";
import { ReconcileQueue } from "./reconcile-queue.ts";
import { RunningReconciles } from "./running-reconciles.ts";
import { KeptCommits } from "./store/kept-commits.ts";
import { StoreRepair } from "./store/store-repair.ts";
import { type PolledUpstream, UpstreamPoller } from "./upstream-poller.ts";

type Several = readonly ManagedService[];
export class UpstreamLoop {
  readonly group: Group;
  readonly #context: Context;
  readonly kept = new KeptCommits();
  readonly #intervals: Intervals;
  readonly #jitter: number;
  readonly #awaited = new AwaitedPushes();
  readonly #upstream: UpstreamPoller;
  readonly #queues: ReadonlyMap<string, ReconcileQueue>;
  readonly running = new RunningReconciles();
  #asked = new Map<string, ReconcileRequest>();
  #members: Several | null;
  #view: UpstreamView = { is: "unasked" };
  #failures = 0;
  /** Every service was reconciled since the start. */
  #hasReconciled = false;
  #busySinceMs: number | null = null;
  #wake: AbortController = new AbortController();
  /** The requests of the running poll, by service: a reconcile that starts meanwhile has its tips, and so its cause too. */
  #current: ReadonlyMap<string, ReconcileRequest> = new Map();
  readonly #repair: StoreRepair;
  readonly #lookedAt = new Map<string, Date>();
  #nextLookMs: number | null = null;

  /** `members` is null while the group's user does not exist. */
  constructor(group: Group, members: Several | null, everyMs: number, context: Context) {
    this.group = group;
    this.#members = members;
    this.#intervals = new Intervals(group.services, everyMs);
    this.#jitter = context.jitter(group.upstream);
    this.#context = context;
    // The branches of held services too: previews show them, and an unfreeze may come during a poll.
    this.#upstream = new UpstreamPoller(group.services, context);
    this.#repair = new StoreRepair(context, this.kept);
    context.onDamage((place, damage) => this.#repair.onDamage(place, damage));
    const onBug = (error: unknown) => logBug(error, context.log);
    const queue = (name: string) => new ReconcileQueue((asked) => this.#reconcile(name, asked), onBug);
    this.#queues = new Map(group.services.map(({ name }) => [name, queue(name)]));
  }

  managed(service: string): ManagedService | undefined {
    return this.#members?.find((managed) => managed.service.name === service);
  }

  /** The result of the last poll. */
  get view(): UpstreamView {
    return this.#view;
  }

  /** The newest tips of any poll; null: none has succeeded since the start. */
  get known(): KnownView | null {
    return this.#upstream.known;
  }

  /** Polls upstream for a preview: services and their states stay as they are. */
  pollForPeople(managed: ManagedService, fresh: Freshness): Promise<PolledUpstream> {
    return this.#upstream.pollForPeople(managed, fresh, (work) => this.#repair.work(work));
  }

  /** When the last reconcile of a service ended, when its next poll begins, and whether one is running or requested. */
  pollTimes(service: string): PollTimes {
    const waitedFor = this.#asked.has(service) || this.#current.has(service);
    const { clock } = this.#context;
    const ownMs = clock.monotonicMs() + this.#intervals.remainingMs(service, clock.monotonicMs());
    return {
      busy: waitedFor || this.#queues.get(service)?.busy === true,
      lookedAt: this.#lookedAt.get(service) ?? null,
      nextLookAt: this.#nextLookMs === null ? null : wallTimeOf(Math.max(this.#nextLookMs, ownMs), clock),
    };
  }

  /** Polls upstream now and reconciles the service; a request during a poll brings one more poll. */
  requestPoll(service: string, trigger: Trigger, details?: RequestDetails): void {
    this.#asked.set(service, coalesce(this.#asked.get(service), requestOf(trigger, details)));
    this.#wake.abort();
  }

  /** Polls upstream until it shows these moves of branches. Answers the services that follow them. */
  onPush(moves: readonly BranchMove[]): readonly string[] {
    const followers = followersOf(this.group.services, moves, this.#context);
    this.#awaited.add(moves.filter(({ branch }) => followers.some((each) => each.branch === branch)));
    // A throttled upstream is not polled earlier; its next poll serves this too.
    if (followers.length > 0 && this.#upstream.throttled === null) this.#wake.abort();
    return followers.map(({ name }) => name);
  }

  /** Requests a reconcile with the known tips, without a poll. */
  enqueue(service: string, trigger: Trigger, details?: RequestDetails): void {
    this.#queues.get(service)?.enqueue(requestOf(trigger, details));
  }

  /** Runs until the daemon stops; resolves when no reconcile is under way. */
  async run(): Promise<void> {
    const { clock, stopping, log } = this.#context;
    const isHurried = this.group.services.some((service) => isUrgent(service, this.#context));
    const firstMs = isHurried ? 0 : firstLookInMs(this.#intervals.shortestMs, this.#jitter);
    if (firstMs > 0) await this.#sleep(firstMs);
    while (!stopping.aborted) {
      this.#wake = new AbortController();
      const asked = this.#asked;
      [this.#asked, this.#current] = [new Map(), asked];
      this.#nextLookMs = null;
      this.#busySinceMs = clock.monotonicMs();
      const poll = during({ name: "poll", track: trackOf(this.group) }, () => this.poll(asked));
      await poll.catch((error: unknown) => logBug(error, log));
      this.#busySinceMs = null;
      this.#current = new Map();
      await this.#sleep(this.#waitMs());
    }
    await this.idle();
  }

  #waitMs(): number {
    const askedMs = this.#upstream.throttled?.forMs ?? 0;
    const pollMs = lookAgainInMs(this.#intervals.shortestMs, this.#failures, this.#jitter, askedMs);
    // A push does not make an unreachable upstream be polled more often.
    const pushMs = this.#failures > 0 ? null : this.#awaited.nextTryInMs(this.#context.clock.monotonicMs());
    return Math.min(pollMs, pushMs ?? pollMs, this.#repair.lookWithinMs);
  }

  async #sleep(ms: number): Promise<void> {
    const { clock, stopping } = this.#context;
    this.#nextLookMs = clock.monotonicMs() + ms;
    await clock.sleep(ms, AbortSignal.any([this.#wake.signal, stopping]));
  }

  /** How long the running poll has taken, in ms; 0 between polls. */
  busyMs(): number {
    return this.#busySinceMs === null ? 0 : this.#context.clock.monotonicMs() - this.#busySinceMs;
  }

  /** Polls once, then requests a reconcile of the services that are due, the requested ones first. */
  async poll(asked: ReadonlyMap<string, ReconcileRequest>): Promise<void> {
    const members = await this.#resolved();
    if (members === null) return;
    const nowMs = this.#context.clock.monotonicMs();
    const moved = this.#awaited.begin(nowMs);
    const pushed = members.filter(({ service }) => moved.has(service.branch));
    const causes = pushed.map(({ service }) => [service.name, requestOf("webhook")] as const);
    this.#current = new Map([...causes, ...asked]);
    const isTime = (name: string) => this.#current.has(name) || this.#intervals.isTime(name, nowMs);
    const timely = members.filter(({ service }) => isTime(service.name));
    const unaffected = await this.#askUpstream(members, timely);
    if (this.#context.stopping.aborted) return;
    const news = { requested: asked, unaffected, isFirst: !this.#hasReconciled, view: this.#view };
    const due = dueAmong(timely, news, this.#context);
    for (const { name } of due.map(({ service }) => service))
      this.#queues.get(name)?.enqueue(this.#current.get(name) ?? this.#asked.get(name) ?? requestOf("poll"));
    this.#hasReconciled = true;
    // Their git works while the records of the others are written.
    await setImmediate();
    moveOn(unaffected, this.#context);
    for (const managed of timely)
      if (!due.includes(managed)) this.#lookedAt.set(managed.service.name, this.#context.clock.now());
  }

  /** Resolves when no reconcile is running or pending: of these services, or of any. */
  async idle(...services: readonly string[]): Promise<void> {
    const names = services.length > 0 ? services : this.#queues.keys().toArray();
    await Promise.all(names.map((name) => this.#queues.get(name)?.idle()));
  }

  async #resolved(): Promise<Several | null> {
    this.#members ??= await resolveGroupOrReport(this.group, this.#context);
    if (this.#members === null) this.#failures += 1;
    return this.#members;
  }

  async #reconcile(name: string, request: ReconcileRequest): Promise<void> {
    const asked = coalesce(this.#current.get(name), request);
    const managed = this.managed(name);
    // Before the first poll the target of a service that follows upstream is unknown.
    const known = this.#view.is !== "unasked" || holdOf(this.#context.records.get(name).state) !== null;
    const view = managed && this.#intervals.viewOf(managed.service, this.#view);
    if (managed && view && known && !this.#context.aside.has(name)) {
      const { service } = managed;
      const work = (superseded: AbortSignal) =>
        reconcile(managed, view, asked, { ...this.#context, superseded });
      const { again } = await this.#repair.work(() => this.running.during(service, view, work));
      if (again) this.enqueue(name, "poll");
    }
    if (this.#repair.wantsLook) this.requestPoll(name, "poll");
    this.#lookedAt.set(name, this.#context.clock.now());
  }

  /** Answers whose record only has to move on. */
  async #askUpstream(members: Several, timely: Several): Promise<readonly Move[]> {
    const { records, stopping: signal, log, clock } = this.#context;
    const tracking = timely.filter(({ service }) => holdOf(records.get(service.name).state) === null);
    const [first] = members;
    this.#repair.members = members;
    if (first === undefined || (tracking.length === 0 && !this.#repair.needed)) return [];
    try {
      const hurried = this.#current.size > 0 || this.#awaited.nextTryInMs(clock.monotonicMs()) !== null;
      const poll = (anew: boolean) => this.#upstream.poll(first, { signal, hurried }, anew);
      const tips = await this.#upstream.inTurn(() => this.#repair.asking(poll));
      this.#view = this.#upstream.known ?? this.#view;
      this.#failures = 0;
      for (const { service } of timely) this.#intervals.given(service, tips, clock.monotonicMs());
      return await this.#repair.work(async () => {
        const deploys = wouldDeploy(this.#view, this.#current, this.#context);
        await this.running.supersedeOlder(tracking, tips, deploys);
        await confirmPushes(this.#awaited, first.store, tips, this.#context);
        const { waiting, unaffected } = await sortByEffect(tracking, tips, this.#context);
        await prefetchFiles(waiting, tips, this.#context);
        return unaffected;
      });
    } catch (error) {
      if (signal.aborted) return [];
      this.#failures += 1;
      this.#view = { is: "unreachable", problem: toProblem(error, "git", log) };
      return [];
    }
  }
}
