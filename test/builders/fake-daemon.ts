/** A service on a host in memory, with a daemon that is put together as the real one and may die at any effect. */
import { mountFromDisk } from "../../src/daemon/mount-from-disk.ts";
import { BadCommits } from "../../src/history/bad-commits.ts";
import { HostsBefore } from "../../src/history/host-before.ts";
import { Journal } from "../../src/history/journal.ts";
import { type Bind, bindsOf } from "../../src/host/mounts/mounts.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { Event } from "../../src/model/event.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { Refusal } from "../../src/model/problem.ts";
import type { Service } from "../../src/model/service.ts";
import { infoOf } from "../../src/model/state.ts";
import { FairSemaphore } from "../../src/platform/fair-semaphore.ts";
import { createLog } from "../../src/platform/log.ts";
import { createDeploy } from "../../src/reconcile/apply/deploy.ts";
import { FirstDeployment } from "../../src/reconcile/apply/first-deployment.ts";
import { createPlanWork } from "../../src/reconcile/apply/plan-work.ts";
import { createExecute, fileSteps, hostSteps, otherSteps } from "../../src/reconcile/apply/steps.ts";
import { createTakeSteps } from "../../src/reconcile/apply/take-steps.ts";
import { UnderWays } from "../../src/reconcile/apply/under-way.ts";
import { createBringTo } from "../../src/reconcile/bring-to.ts";
import type { ManagedService } from "../../src/reconcile/managed-service.ts";
import { createJudgeUnit } from "../../src/reconcile/observe/judge-unit.ts";
import { createObserve, createObserveLinks } from "../../src/reconcile/observe/observe.ts";
import { createReconcile } from "../../src/reconcile/reconcile.ts";
import { type RequestDetails, requestOf, throughTheGates } from "../../src/reconcile/reconcile-request.ts";
import { Records } from "../../src/reconcile/records.ts";
import { createDecideTarget } from "../../src/reconcile/target/decide-target.ts";
import type { Signatures } from "../../src/reconcile/target/verify-signatures.ts";
import type { Gate } from "../../src/rollout/gates/gate.ts";
import type { UpstreamView } from "../../src/rollout/target.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeHost } from "./fake-host.ts";
import { fakeCheckouts, fakeChecks, fakeMounts, fakePackages, fakeProbes, fakeUnits } from "./fake-ports.ts";
import { FakeUpstream, type Texts } from "./fake-upstream.ts";
import { sharedStateFile } from "./mortal-state.ts";
import { aService, conf, etc } from "./observed.ts";

const root = { name: "root", uid: 0, gid: 0, home: "/root" };

/** What a reconcile is given besides the service. */
interface Asked extends Partial<RequestDetails> {
  readonly trigger?: Parameters<typeof requestOf>[0];
  readonly view?: UpstreamView;
}

export class FakeDaemon {
  readonly clock = new FakeClock("2026-11-28T10:00:00Z");
  readonly log = createLog({ debug: false }, (line) => this.logged.push(line));
  readonly host = new FakeHost();
  readonly upstream: FakeUpstream;
  readonly managed: ManagedService;
  readonly gates: Gate[] = [];
  readonly events: Event[] = [];
  readonly logged: string[] = [];
  /** Ends the settling under way, with the reason for it. */
  supersede: (why: string) => void = () => {};
  /** Of the newest reconcile. */
  superseded: AbortSignal = new AbortController().signal;
  readonly #file = sharedStateFile();
  #life: ReturnType<FakeDaemon["live"]>;

  /** Two links, a directory and a file, and a unit that reloads; `texts` are those of the first commit. */
  constructor(changes: Partial<Service> = {}, texts: Texts = { [etc.link]: "e1", [conf.link]: "c1" }) {
    const service = aService({ links: [etc, conf], ...changes });
    this.upstream = new FakeUpstream(service.links);
    this.upstream.push(texts);
    const store = { path: "/stores/config" as AbsPath, upstream: service.upstream, account: root };
    this.managed = { service, account: root, store, history: this.upstream.history() };
    this.#file.begin(this.host.power);
    this.#life = this.live();
  }

  get records(): Records {
    return this.#life.records;
  }
  get record() {
    return this.records.get("app");
  }
  /** The journal as it is on disk. */
  get journal(): Journal {
    return this.#life.journal;
  }
  get hostsBefore(): HostsBefore {
    return this.#life.hostsBefore;
  }
  /** The stages of the daemon that runs. */
  get stages() {
    return this.#life;
  }

  /** The service's state, with its info for people. */
  get shown(): [string, string] {
    const { state } = this.record;
    return [state.name, infoOf(state)];
  }

  /** How many deployments have no end yet. */
  get running(): number {
    return this.#file.sql("SELECT id FROM deployments WHERE result = 'running'").all().length;
  }

  /** The newest first: to which commit, by what, and how it ended. */
  history(): string[] {
    return this.records
      .deployments("app", { before: null, limit: 50 })
      .map(({ to, trigger, result, failedAt }) =>
        [Number.parseInt(to.slice(0, 8), 16), trigger, result, failedAt].filter(Boolean).join(" "),
      );
  }

  /** Ends the daemon between two steps. */
  stop(): void {
    this.#life.stopping.abort();
  }

  /** Another daemon on the same host, which knows what the state file has. */
  restart(): void {
    if (this.host.power.isCut) this.host.power.restore();
    this.#life = this.live();
  }

  /** Mounts what is on disk, as a start does before the network is there; the unit may have started without it. */
  async mountFromDisk(): Promise<void> {
    const { log, clock } = this;
    const { records, mounts } = this.#life;
    const { checkout, mounts: mounted } = this.host;
    const isMissing = ({ source, target, checkout: at }: Bind) =>
      checkout?.files.has(source.slice(at.length + 1)) && !mounted.has(target);
    const disk = {
      placePointer: () => {},
      readTable: () => new Map(),
      unmounted: (service: Service) => bindsOf(service).filter(isMissing),
    };
    await mountFromDisk([this.managed], { records, log, clock, disk, mounts });
  }

  /** Reconciles once; answers whether it is to be reconciled again. */
  async reconcile({
    trigger = "poll",
    view = this.upstream.view(),
    ...details
  }: Asked = {}): Promise<boolean> {
    const superseded = new AbortController();
    this.superseded = superseded.signal;
    this.supersede = (why) => superseded.abort(why);
    const request = requestOf(trigger, { ...throughTheGates, ...details });
    return (await this.#life.reconcile(this.managed, view, request, superseded.signal)).again;
  }

  /** Pushes a commit and reconciles. */
  async push(texts: Texts): Promise<Commit> {
    const commit = this.upstream.push(texts);
    await this.reconcile();
    return commit;
  }

  freeze(until: Date | null = null): void {
    this.records.apply("app", { type: "freeze", by: "ann", reason: "", until, at: this.clock.now() });
  }
  unfreeze(): void {
    this.records.apply("app", { type: "unfreeze" });
  }
  rollback(to: Commit): void {
    this.records.apply("app", { type: "rollback", to, by: "ann", reason: "", at: this.clock.now() });
  }

  /** A daemon from its start on. */
  live() {
    const { host, upstream, clock, gates, log, managed } = this;
    const file = this.#file;
    const stopping = new AbortController();
    const [journal, hostsBefore] = [new Journal(file), new HostsBefore(file)];
    const tell = (event: Event) => void this.events.push(event);
    const memory = { journal, badCommits: new BadCommits(file) };
    const records = new Records(memory, { keep: () => {}, publish: tell }, clock);
    records.register("app", { checkout: managed.service.checkout, store: managed.store.path, user: "root" });
    const parts = { host, upstream, records };
    const [checkouts, mounts, units] = [fakeCheckouts(parts), fakeMounts(parts), fakeUnits(parts)];
    const packages = fakePackages(parts);
    const execute = createExecute({
      ...fileSteps(checkouts, records),
      ...hostSteps(mounts, units, log),
      ...otherSteps(packages, fakeChecks(parts), checkouts, fakeProbes(parts)),
    });
    const fileSlots = new FairSemaphore({ slots: 2 });
    const takeSteps = createTakeSteps({ execute, checkouts, fileSlots, log, stopping: stopping.signal });
    const first = new FirstDeployment({ records, hostsBefore, mounts, units, log });
    const underWays = new UnderWays({ clock, publish: tell });
    const deploy = createDeploy({ records, takeSteps, first, hostsBefore, underWays, clock });
    const observeLinks = createObserveLinks(mounts, units);
    const observe = createObserve({ records, checkouts, packages, observeLinks, clock });
    const decide = createDecideTarget({ records, signatures: this.#signatures(), gates, clock });
    const judgeUnit = createJudgeUnit({ records, units, clock });
    const tools = { records, log, stopping: stopping.signal };
    const bringTo = createBringTo({ observe, planWork: createPlanWork(units), deploy, judgeUnit }, tools);
    const forget = (service: Service) => {
      checkouts.forget(service.name);
      packages.forget(service);
    };
    const undoFirst = (each: ManagedService) => first.undo(each);
    const reconcile = createReconcile({ decide, undoFirst, bringTo, forget }, tools);
    const stages = { reconcile, decide, observe, deploy, takeSteps, execute, first, underWays };
    return { ...stages, journal, records, hostsBefore, mounts, stopping };
  }

  /** A commit with a text that says `unsigned` is. */
  #signatures(): Signatures {
    const verify = async (_: unknown, commit: Commit) => {
      const texts = Object.values(this.upstream.textsOf(commit));
      if (texts.some((text) => text.includes("unsigned")))
        throw new Refusal("it is not signed", { code: "unsigned" });
    };
    return { verifyHistory: verify, verifyCommit: verify };
  }
}

/** A daemon whose service has its first commit; the host has not done anything since. */
export async function aSettledDaemon(...how: ConstructorParameters<typeof FakeDaemon>): Promise<FakeDaemon> {
  const daemon = new FakeDaemon(...how);
  await daemon.reconcile();
  daemon.host.power.spent.length = 0;
  return daemon;
}
