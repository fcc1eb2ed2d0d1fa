/** Polls one upstream again and again, as one user, and reconciles the services that share it. */
import { setImmediate } from "node:timers/promises";
import type { Tips } from "../git/types.ts";
import type { Commit } from "../model/commit.ts";
import type { Trigger } from "../model/deployment/deployment.ts";
import { type Freshness, holdOf } from "../model/state.ts";
import { maskSecrets } from "../model/text/mask.ts";
import type { BranchMove } from "../model/webhook.ts";
import { wallTimeOf } from "../platform/clock.ts";
import type { Life } from "../platform/life.ts";
import { during } from "../platform/trace/span.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import {
  coalesce,
  type ReconcileRequest,
  type RequestDetails,
  requestOf,
} from "../reconcile/reconcile-request.ts";
import type { Move } from "../reconcile/record-change.ts";
import { logBug, toProblem } from "../reconcile/to-problem.ts";
import { firstPollInMs, nextPollInMs } from "../rollout/schedule.ts";
import type { KnownView, UpstreamView } from "../rollout/target.ts";
import { moveOn } from "./affected.ts";
import { type Group, trackOf } from "./create-services.ts";
import { dueAmong, followersOf, isUrgent, withPushes } from "./due.ts";
import type { LoopPorts, LoopWork, PolledGroup, Several } from "./loop-ports.ts";
import { GroupReconciles } from "./queue/group-reconciles.ts";
import { AwaitedPushes } from "./schedule/awaited-pushes.ts";
import { Intervals } from "./schedule/intervals.ts";
import { PollRequests } from "./schedule/poll-requests.ts";
import type { PolledUpstream } from "./upstream-poller.ts";

export class UpstreamLoop {
  readonly group: Group;
  readonly kept: LoopPorts["repair"]["kept"];
  readonly reconciles: GroupReconciles;
  /** Works while neither a poll nor a reconcile is at work in the store, which may be gone afterwards. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  readonly #ports: LoopPorts;
  readonly #work: LoopWork;
  readonly #life: Life;
  readonly #intervals: Intervals;
  readonly #jitter: number;
  readonly #awaited = new AwaitedPushes();
  readonly #requests = new PollRequests();
  #members: Several | null;
  #view: UpstreamView = { is: "unasked" };
  #failures = 0;
  /** Every service was reconciled since the start. */
  #hasReconciled = false;
  #busySinceMs: number | null = null;
  #wake: AbortController = new AbortController();
  #nextPollMs: number | null = null;

  constructor(group: PolledGroup, ports: LoopPorts, work: LoopWork, life: Life) {
    this.group = group;
    this.#members = group.members;
    this.#intervals = new Intervals(group.services, group.everyMs);
    this.#jitter = group.jitter;
    this.#ports = ports;
    this.#work = work;
    this.#life = life;
    this.kept = ports.repair.kept;
    this.alone = (work) => ports.poller.serially(() => ports.repair.alone(work));
    const names = group.services.map(({ name }) => name);
    this.reconciles = new GroupReconciles(names, (name, of) => this.#reconcile(name, of), life.log);
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
    return this.#ports.poller.known;
  }

  /** Polls upstream for a preview: services and their states stay as they are. */
  pollForPeople(managed: ManagedService, fresh: Freshness): Promise<PolledUpstream> {
    return this.#ports.poller.pollForPeople(managed, fresh, (work) => this.#ports.repair.work(work));
  }

  /** When the last reconcile of a service ended, when its next poll begins, and whether one is running or requested. */
  pollTimes(service: string) {
    const { clock } = this.#life;
    const ownMs = clock.monotonicMs() + this.#intervals.remainingMs(service, clock.monotonicMs());
    return {
      busy: this.#requests.isPending(service) || this.reconciles.isBusy(service),
      reconciledAt: this.reconciles.endedAt.get(service) ?? null,
      nextPollAt: this.#nextPollMs === null ? null : wallTimeOf(Math.max(this.#nextPollMs, ownMs), clock),
    };
  }

  /** Polls upstream now and reconciles the service; a request during a poll brings one more poll. */
  requestPoll(service: string, trigger: Trigger, details?: RequestDetails): void {
    this.#requests.add(service, requestOf(trigger, details));
    this.#wake.abort();
  }

  /** Polls upstream until it shows these moves of branches. Answers the services that follow them. */
  onPush(moves: readonly BranchMove[]): readonly string[] {
    const followers = followersOf(this.group.services, moves, this.#ports);
    this.#awaited.add(moves.filter(({ branch }) => followers.some((each) => each.branch === branch)));
    // A throttled upstream is not polled earlier; its next poll serves this too.
    if (followers.length > 0 && this.#ports.poller.throttled === null) this.#wake.abort();
    return followers.map(({ name }) => name);
  }

  /** Requests a reconcile with the known tips, without a poll. */
  enqueue(service: string, trigger: Trigger, details?: RequestDetails): void {
    this.reconciles.enqueue(service, requestOf(trigger, details));
  }

  /** Runs until the daemon stops; resolves when no reconcile is under way. */
  async run(): Promise<void> {
    const { clock, stopping, log } = this.#life;
    const isHurried = this.group.services.some((service) => isUrgent(service, this.#ports));
    const firstMs = isHurried ? 0 : firstPollInMs(this.#intervals.shortestMs, this.#jitter);
    if (firstMs > 0) await this.#sleep(firstMs);
    while (!stopping.aborted) {
      this.#wake = new AbortController();
      const requested = this.#requests.begin();
      this.#nextPollMs = null;
      this.#busySinceMs = clock.monotonicMs();
      const poll = during({ name: "poll", track: trackOf(this.group) }, () => this.poll(requested));
      await poll.catch((error: unknown) => logBug(error, log));
      this.#busySinceMs = null;
      this.#requests.current = new Map();
      await this.#sleep(this.#waitMs());
    }
    await this.idle();
  }

  #waitMs(): number {
    const { poller, repair } = this.#ports;
    const throttledMs = poller.throttled?.forMs ?? 0;
    const pollMs = nextPollInMs(this.#intervals.shortestMs, this.#failures, this.#jitter, throttledMs);
    // A push does not make an unreachable upstream be polled more often.
    const pushMs = this.#failures > 0 ? null : this.#awaited.nextTryInMs(this.#life.clock.monotonicMs());
    return Math.min(pollMs, pushMs ?? pollMs, repair.pollWithinMs);
  }

  async #sleep(ms: number): Promise<void> {
    const { clock, stopping } = this.#life;
    this.#nextPollMs = clock.monotonicMs() + ms;
    await clock.sleep(ms, AbortSignal.any([this.#wake.signal, stopping]));
  }

  /** How long the running poll has taken, in ms; 0 between polls. */
  busyMs(): number {
    return this.#busySinceMs === null ? 0 : this.#life.clock.monotonicMs() - this.#busySinceMs;
  }

  /** Polls once, then requests a reconcile of the services that are due, the requested ones first. */
  async poll(requested: ReadonlyMap<string, ReconcileRequest>): Promise<void> {
    const members = await this.#resolved();
    if (members === null) return;
    const { clock, log, stopping } = this.#life;
    const { records, repair } = this.#ports;
    const nowMs = clock.monotonicMs();
    const moved = this.#awaited.begin(nowMs);
    this.#requests.current = withPushes(requested, members, moved);
    const isTime = (name: string) =>
      this.#requests.current.has(name) || this.#intervals.remainingMs(name, nowMs) === 0;
    const timely = members.filter(({ service }) => isTime(service.name));
    const unaffected = await this.#pollUpstream(members, timely);
    if (stopping.aborted) return;
    const news = { requested, unaffected, isFirst: !this.#hasReconciled, view: this.#view };
    const due = dueAmong(timely, news, { records, clock });
    for (const { service } of due)
      this.reconciles.enqueue(service.name, this.#requests.of(service.name) ?? requestOf("poll"));
    this.#hasReconciled = true;
    // Their git works while the records of the others are written.
    await setImmediate();
    moveOn(unaffected, { records, log });
    for (const managed of timely)
      if (!due.includes(managed)) this.reconciles.endedAt.set(managed.service.name, clock.now());
    if (this.#failures === 0) void this.idle().then(() => repair.maintain({ deployed: due.length > 0 }));
  }

  /** Resolves when no reconcile is running or pending: of these services, or of any. */
  idle(...services: readonly string[]): Promise<void> {
    return this.reconciles.idle(services);
  }

  async #resolved(): Promise<Several | null> {
    this.#members ??= await this.#work.resolve();
    if (this.#members === null) this.#failures += 1;
    return this.#members;
  }

  async #reconcile(name: string, enqueued: ReconcileRequest): Promise<void> {
    const { records, aside, repair } = this.#ports;
    const request = coalesce(this.#requests.current.get(name), enqueued);
    const managed = this.managed(name);
    // Before the first poll the target of a service that follows upstream is unknown.
    const known = this.#view.is !== "unasked" || holdOf(records.get(name).state) !== null;
    const view = managed && this.#intervals.viewOf(managed.service, this.#view);
    if (managed && view && known && !aside.has(name)) {
      const work = (superseded: AbortSignal) => this.#work.reconcile(managed, view, request, superseded);
      const { again } = await repair.work(() => this.reconciles.during(managed.service, view, work));
      if (again) this.enqueue(name, "poll");
    }
    if (repair.wantsPoll) this.requestPoll(name, "poll");
    this.reconciles.endedAt.set(name, this.#life.clock.now());
  }

  /** Answers the services whose records only have to move on. */
  async #pollUpstream(members: Several, timely: Several): Promise<readonly Move[]> {
    const { records, repair, poller } = this.#ports;
    const { stopping: signal, log, clock } = this.#life;
    const tracking = timely.filter(({ service }) => holdOf(records.get(service.name).state) === null);
    const [first] = members;
    repair.members = members;
    if (first === undefined || (tracking.length === 0 && !repair.needed)) return [];
    try {
      const isAwaited = this.#awaited.nextTryInMs(clock.monotonicMs()) !== null;
      const options = { signal, hurried: this.#requests.current.size > 0 || isAwaited };
      const poll = (repaired: boolean) => poller.poll(first, options, repaired);
      const tips = await poller.serially(() => repair.withRepair(poll));
      this.#view = poller.known ?? this.#view;
      this.#failures = 0;
      for (const { service } of timely) this.#intervals.given(service, tips, clock.monotonicMs());
      return await repair.work(() => this.#takeTips(first, tracking, tips));
    } catch (error) {
      if (signal.aborted) return [];
      this.#failures += 1;
      this.#view = { is: "unreachable", problem: toProblem(error, "git", log) };
      return [];
    }
  }

  /** Ends what the new tips supersede, and fetches the files that services wait for. */
  async #takeTips({ store }: ManagedService, tracking: Several, tips: Tips): Promise<readonly Move[]> {
    const { clock, log } = this.#life;
    const wouldDeploy = this.#work.wouldDeploy(this.#view, this.#requests.current);
    await this.reconciles.supersedeOlder(tracking, tips, wouldDeploy);
    const has = (tip: Commit, commit: Commit) => this.#ports.poller.has(store, tip, commit);
    for (const line of await this.#awaited.settle(tips, has, clock.monotonicMs()))
      log.warn(`${maskSecrets(store.upstream)}: ${line}`);
    const { waiting, unaffected } = await this.#work.sortByEffect(tracking, tips);
    await this.#work.prefetch(waiting, tips);
    return unaffected;
  }
}
