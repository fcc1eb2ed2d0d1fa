/** Looks at one upstream again and again, as one user, and wakes the services that share it. */
import { setImmediate } from "node:timers/promises";
import type { Freshness } from "../api/host.ts";
import type { Trigger } from "../model/deployment.ts";
import type { Service } from "../model/service.ts";
import { holdOf } from "../model/state.ts";
import type { BranchMove } from "../model/webhook.ts";
import { wallTimeOf } from "../platform/clock.ts";
import { during } from "../platform/trace/span.ts";
import type { Context } from "../reconcile/context.ts";
import type { Member } from "../reconcile/managed-service.ts";
import { turn } from "../reconcile/reconcile.ts";
import { type Asked, byTheGates, mergeAsked, polled, told } from "../reconcile/reconcile-request.ts";
import type { Move } from "../reconcile/record-changes.ts";
import { goesIn } from "../reconcile/target/decide-target.ts";
import { logBug, toProblem } from "../reconcile/to-problem.ts";
import { firstLookInMs, lookAgainInMs } from "../rollout/schedule.ts";
import type { KnownView, UpstreamView } from "../rollout/target.ts";
import { moveOn, sortByInterest } from "./affected.ts";
import { AskedUpstream, type Seen } from "./asked-upstream.ts";
import { Expected, settleExpected } from "./awaited-pushes.ts";
import { type Group, recruitOrTell, trackOf } from "./create-services.ts";
import { followersOf, isDue, isInHurry } from "./due.ts";
import { Intervals, type Looks } from "./intervals.ts";
import { prefetchFiles } from "./prefetch.ts";
import { Lane } from "./reconcile-queue.ts";
import { RunningTurns } from "./running-reconciles.ts";
import { KeptCommits } from "./store/kept-commits.ts";
import { Care } from "./store/store-repair.ts";

export class UpstreamLoop {
  readonly group: Group;
  readonly #context: Context;
  readonly kept = new KeptCommits();
  readonly #intervals: Intervals;
  /** From 0 to 1: this host's place among those with the same upstream. */
  readonly #spread: number;
  readonly #expected = new Expected();
  readonly #upstream: AskedUpstream;
  readonly #lanes: ReadonlyMap<string, Lane>;
  readonly running = new RunningTurns();
  readonly #asked = new Map<string, Asked>();
  #members: readonly Member[] | null;
  #view: UpstreamView = { is: "unasked" };
  #failures = 0;
  /** Every service has had a turn since the start. */
  #turned = false;
  #busySinceMs: number | null = null;
  #wake: AbortController = new AbortController();
  /** What the look under way is for, by service: a turn that starts meanwhile has what it brings, and so is for that too. */
  #current: ReadonlyMap<string, Asked> = new Map();
  readonly #care: Care;
  readonly #lookedAt = new Map<string, Date>();
  #nextLookMs: number | null = null;

  /** `members` is null while the group's user does not exist. */
  constructor(group: Group, members: readonly Member[] | null, everyMs: number, context: Context) {
    this.group = group;
    this.#members = members;
    this.#intervals = new Intervals(group.services, everyMs);
    this.#spread = context.spread(group.upstream);
    this.#context = context;
    // The branches of held services too: people look at them, and they may be let go while a look is under way.
    this.#upstream = new AskedUpstream(group.services, context);
    this.#care = new Care(context, this.kept);
    context.onDamage((place, damage) => this.#care.onDamage(place, damage));
    const onBug = (error: unknown) => logBug(error, context.log);
    const lane = (name: string) => new Lane((asked) => this.#turn(name, asked), onBug);
    this.#lanes = new Map(group.services.map(({ name }) => [name, lane(name)]));
  }

  member(service: string): Member | undefined {
    return this.#members?.find((member) => member.service.name === service);
  }

  /** What the last look at upstream told. */
  get view(): UpstreamView {
    return this.#view;
  }

  /** The newest that upstream has told, the loop or those who asked; null: nothing since the start. */
  get known(): KnownView | null {
    return this.#upstream.known;
  }

  /** A look at upstream for people: services and their states stay as they are. */
  show(member: Member, fresh: Freshness): Promise<Seen> {
    return this.#upstream.look(member, fresh, (work) => this.#care.work(work));
  }

  /** When the last look at a service ended, when the next one begins, and whether one is under way or asked for. */
  looks(service: string): Looks {
    const waitedFor = this.#asked.has(service) || this.#current.has(service);
    const { clock } = this.#context;
    const ownMs = clock.monotonicMs() + this.#intervals.remainingMs(service, clock.monotonicMs());
    return {
      busy: waitedFor || this.#lanes.get(service)?.busy === true,
      lookedAt: this.#lookedAt.get(service) ?? null,
      nextLookAt: this.#nextLookMs === null ? null : wallTimeOf(Math.max(this.#nextLookMs, ownMs), clock),
    };
  }

  /** Looks at upstream now, on behalf of a service; asking again while a look is under way brings one more. */
  ask(service: string, trigger: Trigger, how: Omit<Asked, "trigger"> = byTheGates): void {
    this.#asked.set(service, mergeAsked(this.#asked.get(service), { trigger, ...how }));
    this.#wake.abort();
  }

  /** Somebody says that these branches have moved: upstream is looked at until it shows that. Answers whom it concerns. */
  pushed(moves: readonly BranchMove[]): readonly string[] {
    const followers = followersOf(this.group.services, moves, this.#context);
    const followed = new Set(followers.map(({ branch }) => branch));
    this.#expected.add(moves.filter(({ branch }) => followed.has(branch)));
    // An upstream that asked to be left alone is; its next look is for this too.
    if (followers.length > 0 && this.#upstream.throttled === null) this.#wake.abort();
    return followers.map(({ name }) => name);
  }

  /** Gives the service a turn with what is known of upstream. */
  nudge(service: string, trigger: Trigger, how: Omit<Asked, "trigger"> = byTheGates): void {
    this.#lanes.get(service)?.ask({ trigger, ...how });
  }

  /** Runs until the daemon stops; resolves when no turn is under way. */
  async run(): Promise<void> {
    const { clock, stopping, log } = this.#context;
    const isHurried = this.group.services.some((service) => isInHurry(service, this.#context));
    const firstMs = isHurried ? 0 : firstLookInMs(this.#intervals.shortestMs, this.#spread);
    if (firstMs > 0) await this.#sleep(firstMs);
    while (!stopping.aborted) {
      this.#wake = new AbortController();
      const asked = new Map(this.#asked);
      this.#asked.clear();
      this.#current = asked;
      this.#nextLookMs = null;
      this.#busySinceMs = clock.monotonicMs();
      const span = { name: "poll", track: trackOf(this.group) };
      await during(span, () => this.look(asked)).catch((error) => logBug(error, log));
      this.#busySinceMs = null;
      this.#current = new Map();
      await this.#sleep(this.#waitMs());
    }
    await this.idle();
  }

  #waitMs(): number {
    const leaveAloneMs = this.#upstream.throttled?.forMs ?? 0;
    const pollMs = lookAgainInMs(this.#intervals.shortestMs, this.#failures, this.#spread, leaveAloneMs);
    // An upstream that is down is not asked more often because of a push.
    const pushMs = this.#failures > 0 ? null : this.#expected.nextTryInMs(this.#context.clock.monotonicMs());
    return Math.min(pollMs, pushMs ?? pollMs, this.#care.lookWithinMs);
  }

  async #sleep(ms: number): Promise<void> {
    const { clock, stopping } = this.#context;
    this.#nextLookMs = clock.monotonicMs() + ms;
    await clock.sleep(ms, AbortSignal.any([this.#wake.signal, stopping]));
  }

  /** How long the look that is under way has taken, in ms; 0 between looks. */
  busyMs(): number {
    return this.#busySinceMs === null ? 0 : this.#context.clock.monotonicMs() - this.#busySinceMs;
  }

  /** One look at upstream; then those whom it concerns get a turn, first those who asked. */
  async look(asked: ReadonlyMap<string, Asked>): Promise<void> {
    const members = await this.#recruited();
    if (members === null) return;
    const nowMs = this.#context.clock.monotonicMs();
    const moved = this.#expected.begin(nowMs);
    const pushed = members.filter(({ service }) => moved.has(service.branch));
    this.#current = new Map([...pushed.map(({ service }) => [service.name, told] as const), ...asked]);
    const isTime = (name: string) => this.#current.has(name) || this.#intervals.isTime(name, nowMs);
    const timely = members.filter(({ service }) => isTime(service.name));
    const unconcerned = await this.#askUpstream(members, timely);
    if (this.#context.stopping.aborted) return;
    const passed = new Set(this.#turned ? unconcerned.map(({ service }) => service) : []);
    const isLate = (service: Service) => !this.#turned || isDue(service, this.#view, this.#context);
    const due = timely
      .filter(({ service }) => asked.has(service.name) || (!passed.has(service.name) && isLate(service)))
      .sort((a, b) => Number(asked.has(b.service.name)) - Number(asked.has(a.service.name)));
    for (const { service } of due)
      this.#lanes.get(service.name)?.ask(this.#current.get(service.name) ?? polled);
    this.#turned = true;
    // Their git works while the records of the others are written.
    await setImmediate();
    moveOn(unconcerned, this.#context);
    for (const member of timely)
      if (!due.includes(member)) this.#lookedAt.set(member.service.name, this.#context.clock.now());
  }

  /** Resolves when no turn is under way or waits: of these services, or of any. */
  async idle(...services: readonly string[]): Promise<void> {
    const names = services.length > 0 ? services : this.#lanes.keys().toArray();
    await Promise.all(names.map((name) => this.#lanes.get(name)?.idle()));
  }

  async #recruited(): Promise<readonly Member[] | null> {
    this.#members ??= await recruitOrTell(this.group, this.#context);
    if (this.#members === null) this.#failures += 1;
    return this.#members;
  }

  async #turn(name: string, nudged: Asked): Promise<void> {
    const asked = mergeAsked(this.#current.get(name), nudged);
    const member = this.member(name);
    // Before upstream was asked nobody knows where a service that tracks it should go.
    const known = this.#view.is !== "unasked" || holdOf(this.#context.ledger.get(name).state) !== null;
    const view = member && this.#intervals.viewOf(member.service, this.#view);
    if (member && view && known && !this.#context.aside.has(name)) {
      const work = (superseded: AbortSignal) => turn(member, view, asked, { ...this.#context, superseded });
      const { again } = await this.#care.work(() => this.running.during(member.service, view, work));
      if (again) this.nudge(name, "poll");
    }
    if (this.#care.wantsLook) this.ask(name, "poll");
    this.#lookedAt.set(name, this.#context.clock.now());
  }

  /** Answers whose record only has to move on. */
  async #askUpstream(members: readonly Member[], timely: readonly Member[]): Promise<readonly Move[]> {
    const { ledger, stopping: signal, log, clock } = this.#context;
    const tracking = timely.filter(({ service }) => holdOf(ledger.get(service.name).state) === null);
    const [first] = members;
    this.#care.members = members;
    if (first === undefined || (tracking.length === 0 && !this.#care.needed)) return [];
    try {
      const hurried = this.#current.size > 0 || this.#expected.nextTryInMs(clock.monotonicMs()) !== null;
      const asking = { signal, hurried };
      const tips = await this.#upstream.inTurn(() =>
        this.#care.asking((anew) => this.#upstream.ask(first, asking, anew)),
      );
      this.#view = this.#upstream.known ?? this.#view;
      this.#failures = 0;
      for (const { service } of timely) this.#intervals.given(service, tips, clock.monotonicMs());
      return await this.#care.work(async () => {
        const mayGoIn = goesIn(this.#view, this.#current, this.#context);
        await this.running.supersedeOlder(tracking, tips, mayGoIn);
        await settleExpected(this.#expected, first.store, tips, this.#context);
        const { waiting, unconcerned } = await sortByInterest(tracking, tips, this.#context);
        await prefetchFiles(waiting, tips, this.#context);
        return unconcerned;
      });
    } catch (error) {
      if (signal.aborted) return [];
      this.#failures += 1;
      this.#view = { is: "unreachable", problem: toProblem(error, "git", log) };
      return [];
    }
  }
}
