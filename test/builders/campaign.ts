/** A host whose daemon is killed again and again, at random moments of its deployments. */
import { setTimeout as pause } from "node:timers/promises";
import { Gitopper } from "../host/gitopper.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { type HostProcess, startInHost } from "../host/process.ts";
import { addService } from "../host/unit.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";
import { Churn, churned, churnedServices, expectedMounts } from "./churn.ts";
import { differences, isCutOff, stateDir } from "./churn-check.ts";
import { aConfig, machine, mount } from "./config.ts";
import type { Random } from "./random.ts";
import { countKill, createTally, type Kill, type Tally } from "./tally.ts";

const settleTimeoutMs = 30_000;

export class Campaign {
  readonly tally: Tally;
  readonly #random: Random;
  readonly #churn: Churn;
  readonly #upstream: Upstream;
  readonly #host: TestHost;
  readonly #gitopper: Gitopper;
  #head: string;
  #daemon: HostProcess | null = null;

  private constructor(
    parts: { host: TestHost; upstream: Upstream; churn: Churn; gitopper: Gitopper; head: string },
    victim: Tally["victim"],
    random: Random,
  ) {
    this.#host = parts.host;
    this.#upstream = parts.upstream;
    this.#churn = parts.churn;
    this.#gitopper = parts.gitopper;
    this.#head = parts.head;
    this.#random = random;
    this.tally = createTally(random.seed, victim);
  }

  /** Boots it all, deploys some commits, and so learns how long that takes. */
  static async begin(victim: Tally["victim"], random: Random): Promise<Campaign> {
    await using made = new AsyncDisposableStack();
    const churn = new Churn(random);
    const upstream = made.use(await makeUpstream({ files: Object.fromEntries(churn.files) }));
    const { url } = await upstream.serve();
    const host = made.use(await bootHost({ name: machine }));
    for (const { name, user, uid, readsAt } of churned) {
      if (uid > 0) await host.run(["useradd", "--system", "--uid", String(uid), user]);
      await addService(host, name, { readsFile: readsAt });
    }
    await host.write(configPath, aConfig(url, churnedServices()));
    const gitopper = new Gitopper(host, await freePort());
    const head = await upstream.head();
    const campaign = new Campaign({ host, upstream, churn, gitopper, head }, victim, random);
    await campaign.#measure();
    made.move();
    return campaign;
  }

  /** One kill: of a deployment that a push set off, or of a start that mends what the last kill left. */
  async round(number: number): Promise<void> {
    if (number % 10 === 9) await this.#sabotage(number);
    await this.#start();
    if (this.#random.chance(0.25)) {
      await this.#killWithin("start");
      return;
    }
    await this.#look();
    await this.settle();
    await this.#push();
    await this.#killWithin("deploy");
  }

  /** Waits until everything is as the newest commit has it. @throws with what is not. */
  async settle(): Promise<void> {
    await poll(
      () => this.#differences(),
      (found) => found.length === 0,
      {
        everyMs: 50,
        timeoutMs: settleTimeoutMs,
        failure: (found) =>
          [`After kill ${this.tally.kills} of seed ${this.tally.seed}:`, ...found, this.#output()].join("\n"),
      },
    );
  }

  /** The start after the last kill, without a further kill. */
  async finish(): Promise<void> {
    await this.#start();
    await this.settle();
    await this.stop();
  }

  /** Ends the daemon in order. @throws when it does not end with 0. */
  async stop(): Promise<void> {
    this.#daemon?.signal("SIGTERM");
    const ended = await this.#daemon?.ended;
    if (ended?.status !== 0) throw new Error(`SIGTERM, but ${JSON.stringify(ended)}\n${this.#output()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#daemon?.killTree();
    await this.#host.stop();
    await this.#upstream.dispose();
  }

  async #measure(): Promise<void> {
    await this.#start();
    await this.settle();
    await this.stop();
    this.tally.spanMs.start = await this.#spanOf(() => this.#start());
    this.tally.spanMs.deploy = await this.#spanOf(() => this.#push());
    await this.stop();
  }

  async #spanOf(work: () => Promise<void>): Promise<number> {
    const from = performance.now();
    await work();
    await this.settle();
    return Math.round(performance.now() - from);
  }

  async #start(): Promise<void> {
    const argv = [gitopperBin, "-c", configPath, "-a", this.#gitopper.address, "-t", "1h", "-h", machine];
    this.#daemon = await startInHost(this.#host, argv);
  }

  /** The daemon would poll by itself, at the host's own offset within some seconds. */
  async #look(): Promise<void> {
    const pull = () => Promise.all(churned.map(({ name }) => this.#gitopper.pull(name)));
    await poll(
      () => pull().then(Boolean, () => false),
      (hasAsked) => hasAsked,
      { everyMs: 10, timeoutMs: settleTimeoutMs, failure: () => this.#output() },
    );
  }

  async #push(): Promise<void> {
    this.#head = await this.#upstream.commit(this.#churn.change());
    await Promise.all(churned.map(({ name }) => this.#gitopper.pull(name)));
  }

  async #killWithin(during: Kill["during"]): Promise<void> {
    const { tally } = this;
    // Late moments more often than early ones: a deployment begins with a fetch, which changes nothing on the host.
    await pause(Math.sqrt(this.#random.next()) * tally.spanMs[during]);
    if (tally.victim === "main") this.#daemon?.signal("SIGKILL");
    else this.#daemon?.killTree();
    await this.#daemon?.ended;
    const beforeDone = (await this.#differences({ killed: true })).length > 0;
    countKill(tally, { during, beforeDone, cutOff: isCutOff(this.#host), output: this.#output() });
  }

  /** Takes away one checkout, the state, or everything, so that the next start is a first one. */
  async #sabotage(number: number): Promise<void> {
    const one = churned[this.#random.below(churned.length)]?.name;
    const all = `umount --lazy ${expectedMounts()
      .map(({ local }) => local)
      .join(" ")} || true`;
    // A helper of a killed git may write its last file while the directory goes.
    const remove = (paths: string) =>
      `for try in 1 2 3 4 5; do rm -rf ${paths} && break; done; ! [ -e ${paths.split(" ")[0]} ]`;
    // Killed between two mounts of a file, the one beneath is where the other is mounted: the kernel keeps that file.
    const own = expectedMounts().flatMap(({ service, local }) => (service === one ? [local] : []));
    const checkout = remove(`${mount}/${one}`);
    const kinds = [
      `{ ${checkout}; } || { umount --lazy ${own.join(" ")}; ${checkout}; }`,
      remove(stateDir),
      `${all}; ${remove(`${stateDir} ${mount}`)}`,
    ];
    await this.#host.sh(kinds[((number - 9) / 10) % kinds.length] ?? "");
  }

  async #differences({ killed = false } = {}): Promise<string[]> {
    const rows = killed ? null : await this.#gitopper.services().catch(() => []);
    return differences(this.#host, this.#churn, { rows, head: this.#head });
  }

  #output(): string {
    return this.#daemon?.output() ?? "";
  }
}
