import { expect, onTestFinished, test } from "vitest";
import { aConfig, aService, machine } from "../builders/config.ts";
import { type Gitopper, startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import type { ServedUpstream } from "../host/http-upstream.ts";
import { poll } from "../host/poll.ts";
import { type Trace, traceProcess } from "../host/trace.ts";
import { addService } from "../host/unit.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

/** What some work has cost; counts alone, for they are the same on every machine. */
interface Cost {
  /** That the daemon has run. */
  readonly gits: number;
  /** To the upstream. */
  readonly requests: number;
  /** `systemctl show` and the like. */
  readonly questions: number;
  /** `systemctl` with a verb that changes something. */
  readonly verbs: number;
  /** fsync(2), fdatasync(2), syncfs(2), of the daemon and of all that it runs. */
  readonly syncs: number;
  /** Every program, those that git runs included; `setpriv` and the git that it becomes are two. */
  readonly programs: number;
}

/**
 * The most that each may cost, however many services there are. A fetch is: what can you do (GET), which refs have you
 * (POST) and, if need be, give me these objects (POST). Who makes something cheaper writes the new figure down here.
 */
const budget = {
  nothingNew: { gits: 1, requests: 2, questions: 0, verbs: 0, syncs: 1, programs: 99 },
  elsewhere: { gits: 4, requests: 3, questions: 0, verbs: 0, syncs: 99, programs: 99 },
  deployment: { gits: 9, requests: 5, questions: 9, verbs: 1, syncs: 99, programs: 99 },
} satisfies Record<string, Cost>;

test.each([1, 20])("what a look and a deployment cost, with %i services", async (services) => {
  const scene = await startServices(services);
  const { upstream, gitopper } = scene;
  const pull = () => gitopper.pull("app0");

  await costOf(pull, scene);
  tell(await costOf(pull, scene));
  expectWithin(budget.nothingNew, await costOf(pull, scene));

  await upstream.commit({ "other/file": "y\n" });
  expectWithin(budget.elsewhere, await costOf(pull, scene));

  const changed = await upstream.commit({ "app0/conf": "two\n" });
  expectWithin(budget.deployment, await costOf(pull, scene));
  await gitopper.until("app0", (row) => row.hash === changed && row.state === "OK");
});

test("a push for twenty services brings their files in one request, and costs each a deployment at most", async () => {
  const scene = await startServices(20);
  const { upstream, gitopper } = scene;
  const all = Array.from({ length: 20 }, (_, service) => [`app${service}/conf`, "two\n"] as const);
  const changed = await upstream.commit(Object.fromEntries(all));
  const cost = await costOf(() => gitopper.pull("app0"), scene);
  const { requests, ...each } = budget.deployment;
  const twenty = Object.fromEntries(Object.entries(each).map(([name, count]) => [name, 20 * count]));
  expectWithin({ requests, ...twenty } as Cost, cost);
  for (let service = 0; service < 20; service++)
    await gitopper.until(`app${service}`, (row) => row.hash === changed && row.state === "OK");
});

interface Started {
  readonly upstream: Upstream;
  readonly served: ServedUpstream;
  readonly gitopper: Gitopper;
  readonly trace: Trace;
}

/** A daemon that is traced, whose services, all of one upstream, are OK and reload. */
async function startServices(services: number): Promise<Started> {
  const names = Array.from({ length: services }, (_, service) => `app${service}`);
  const files = Object.fromEntries(names.map((name) => [`${name}/conf`, `${name}\n`]));
  const upstream = await makeUpstream({ files: { ...files, "other/file": "x\n" } });
  onTestFinished(() => upstream.dispose());
  const host = await bootHost({ name: machine });
  onTestFinished(() => host.stop());
  await addService(host, "app0");
  const units = "/etc/systemd/system";
  await host.sh(
    `for name in ${names.slice(1).join(" ")}; do cp ${units}/app0.service ${units}/$name.service; done
    systemctl daemon-reload`,
  );
  const served = await upstream.serve();
  const entries = names.map((name) =>
    aService({ service: name, dirs: [{ local: `/etc/${name}`, link: name }] }),
  );
  const gitopper = await startGitopper(host, { config: aConfig(served.url, entries), duration: "24h" });
  for (const name of names) await gitopper.until(name, (row) => row.state === "OK" && row.hash !== "");
  const trace = await traceProcess(host, await gitopper.mainPid());
  onTestFinished(() => trace[Symbol.asyncDispose]());
  return { upstream, served, gitopper, trace };
}

/** The cost of the work and of all that follows, until the daemon runs nothing more. */
async function costOf(work: () => Promise<void>, scene: Started): Promise<Cost> {
  const { requests } = scene.served;
  const before = await untilRested(scene);
  await work();
  await poll(
    () => requests.length,
    (seen) => seen >= before.requests + 2,
    { everyMs: 20, timeoutMs: 20_000, failure: () => "The daemon did not look at its upstream" },
  );
  const after = await untilRested(scene);
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - before[name as keyof Cost]]),
  ) as unknown as Cost;
}

const sameLooks = 10;

/** All so far, when it has stayed the same for a while. */
async function untilRested(scene: Started): Promise<Cost> {
  let last = "";
  let same = 0;
  return poll(
    async () => {
      const now = await totalOf(scene);
      same = JSON.stringify(now) === last ? same + 1 : 0;
      last = JSON.stringify(now);
      return now;
    },
    () => same >= sameLooks,
    { everyMs: 50, timeoutMs: 60_000, failure: () => "The daemon does not come to rest" },
  );
}

async function totalOf({ gitopper, served, trace }: Started): Promise<Cost> {
  const { programs, syncs } = trace.seen();
  const asked = programs.flatMap(([program, verb]) => (program === "systemctl" ? [verb] : []));
  const questions = asked.filter((verb) => verb === "show").length;
  return {
    gits: await countGits(gitopper),
    requests: served.requests.length,
    questions,
    verbs: asked.length - questions,
    syncs,
    programs: programs.length,
  };
}

async function countGits(gitopper: Gitopper): Promise<number> {
  const { text } = await gitopper.get("/metrics");
  const count = /^gitopper_machine_git_ops_total (\d+)$/m.exec(text)?.[1];
  if (count === undefined) throw new Error(`No count of gits in ${text}`);
  return Number(count);
}

function tell(c: unknown) {
  console.log(JSON.stringify(c));
}

function expectWithin(most: Cost, cost: Cost): void {
  if (process.env.SHOW) console.log(JSON.stringify(cost));
  for (const [what, count] of Object.entries(cost))
    expect(count, what).toBeLessThanOrEqual(most[what as keyof Cost]);
}
