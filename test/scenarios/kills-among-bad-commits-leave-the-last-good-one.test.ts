import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { aConfig, aService, machine } from "../builders/config.ts";
import { createRandom, type Random, seedOf } from "../builders/random.ts";
import { Gitopper } from "../host/gitopper.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { startInHost } from "../host/process.ts";
import { addService, events } from "../host/unit.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

const kills = 40;
/** From a push until all that comes of it is done, at first. */
const firstSpanMs = 400;
const seed = seedOf(process.env);

type Kind = "good" | "broken" | "sick";
interface Push {
  readonly kind: Kind;
  readonly commit: string;
  readonly content: string;
}

const verdicts = { good: null, broken: "refused", sick: "rolled-back" } as const;

test("after a kill at any moment of checks, deployments and reverts the next start reaches the right commit", {
  timeout: 1_200_000,
}, async () => {
  await using campaign = await begin(createRandom(seed));
  console.log(`kills among bad commits: seed ${seed}`);
  await campaign.settle();
  for (let kill = 0; kill < kills; kill += 1) {
    await campaign.push();
    await campaign.killAndStart();
    await campaign.settle();
  }
  expect(campaign.tally.good + campaign.tally.broken + campaign.tally.sick).toBe(kills);
  expect(Math.min(campaign.tally.broken, campaign.tally.sick)).toBeGreaterThan(kills / 8);
  expect(campaign.tally.cutOff).toBeGreaterThan(kills / 4);
});

/** Everything up to the first start; the unit is well with `good`, passes its check with `sick`, and fails it with `broken`. */
async function begin(random: Random) {
  await using made = new AsyncDisposableStack();
  const upstream = made.use(await makeUpstream({ files: { "app/etc/conf": "good 0\n" } }));
  const host = made.use(await bootHost({ name: machine }));
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  const grep = (word: string) => ["sh", "-c", `! grep -q ${word} /etc/app/conf`];
  const probe = { command: grep("sick"), interval: "20ms", timeout: "5s", deadline: "50ms" };
  const service = aService({ settle: "20ms", check: grep("broken"), health: [probe] });
  await host.write(configPath, aConfig((await upstream.serve()).url, [service]));
  const gitopper = new Gitopper(host, await freePort());
  const campaign = new Campaign({ random, upstream, host, gitopper });
  await campaign.start();
  made.use(campaign);
  const kept = made.move();
  return Object.assign(campaign, { [Symbol.asyncDispose]: () => kept.disposeAsync() });
}

interface Parts {
  readonly random: Random;
  readonly upstream: Upstream;
  readonly host: TestHost;
  readonly gitopper: Gitopper;
}

class Campaign {
  readonly #parts: Parts;
  readonly tally = { good: 0, broken: 0, sick: 0, cutOff: 0 };
  #spanMs = firstSpanMs;
  /** How much the daemon had logged before the push. */
  #saidBefore = 0;
  #last: Push | null = null;
  #lastGood: Push | null = null;
  #daemon: Awaited<ReturnType<typeof startInHost>> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const argv = [
      gitopperBin,
      "-c",
      configPath,
      "-a",
      this.#parts.gitopper.address,
      "-t",
      "1h",
      "-h",
      machine,
    ];
    this.#daemon = await startInHost(this.#parts.host, argv);
  }

  async push(): Promise<void> {
    const kinds: readonly Kind[] = ["good", "broken", "sick"];
    const kind = kinds[this.#parts.random.below(kinds.length)] ?? "good";
    const content = `${kind} ${this.#parts.random.below(1_000_000)}\n`;
    this.#last = { kind, content, commit: await this.#parts.upstream.commit({ "app/etc/conf": content }) };
    if (kind === "good") this.#lastGood = this.#last;
    this.tally[kind] += 1;
    this.#saidBefore = this.#daemon?.output().length ?? 0;
    await this.#parts.gitopper.pull("app");
  }

  async killAndStart(): Promise<void> {
    await pause(this.#parts.random.next() * this.#spanMs);
    if (this.#parts.random.chance(0.5)) this.#daemon?.signal("SIGKILL");
    else this.#daemon?.killTree();
    await this.#daemon?.ended;
    const wasDone = /deployed|could not deploy/.test(this.#daemon?.output().slice(this.#saidBefore) ?? "");
    this.tally.cutOff += Number(!wasDone);
    this.#spanMs *= wasDone ? 0.95 : 1.05;
    await this.start();
  }

  /** Waits until state, files and unit are those of the last good commit, and the last one has its verdict. */
  async settle(): Promise<void> {
    const content = this.#lastGood?.content ?? "good 0\n";
    const verdict = verdicts[this.#last?.kind ?? "good"];
    await poll(
      async () => {
        const details = await this.#parts.gitopper.details("app").catch(() => null);
        const file = await this.#parts.host.read("/etc/app/conf").catch(() => "");
        return {
          details,
          file,
          told: (await events(this.#parts.host, "app")).at(-1)?.split(" ").slice(1).join(" "),
        };
      },
      ({ details, file, told }) =>
        details?.state === (verdict === null ? "OK" : "DIFF") &&
        (verdict === null || details.reason === verdict) &&
        details.commit === (this.#lastGood?.commit ?? details.commit) &&
        file === content &&
        `${told}\n` === content,
      {
        everyMs: 20,
        timeoutMs: 30_000,
        failure: (seen) =>
          `seed ${this.#parts.random.seed}: after ${JSON.stringify(this.#last)} wanted ${content} and found ${JSON.stringify(seen)}\n${this.#daemon?.output()}`,
      },
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#daemon?.killTree();
    return Promise.resolve();
  }
}
