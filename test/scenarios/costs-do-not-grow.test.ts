import { expect, onTestFinished, test } from "vitest";
import { aConfig, aService, machine } from "../builders/config.ts";
import { type Gitopper, startGitopper } from "../host/gitopper.ts";
import { bootHost, type TestHost } from "../host/host.ts";
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
  /** `systemctl` with a verb that changes something. */
  readonly verbs: number;
  /** Every program but `systemctl show`, those that git runs included; `setpriv` and the git that it becomes are two. */
  readonly programs: number;
  /** fsync(2), fdatasync(2), syncfs(2), of the daemon and of all that it runs. */
  readonly syncs: number;
  /** `systemctl show`: services share one, and how many depends on when systemd signals a change. */
  readonly questions: number;
  /** Reads of the kernel's table of mounts, each as long as the table; the daemon reads it once a minute in any case. */
  readonly mountTables: number;
}

/**
 * What each costs, however many services there are; requests and verbs exactly, the others at most: on a slow machine the
 * git that answers ends before the last question, and another one starts. A fetch is a request for the capabilities
 * (GET), one for the refs (POST) and, if needed, one for objects (POST). A requested poll is one sync, of the audit trail.
 * A change that makes something cheaper puts the new figure here.
 */
const costs = {
  nothingNew: { gits: 1, requests: 2, verbs: 0, programs: 4, syncs: 1, questions: 0, mountTables: 1 },
  elsewhere: { gits: 3, requests: 3, verbs: 0, programs: 9, syncs: 6, questions: 0, mountTables: 1 },
  // One of the gits keeps the commit in the store.
  deployment: { gits: 6, requests: 3, verbs: 1, programs: 16, syncs: 9, questions: 5, mountTables: 1 },
  twentyAtOnce: {
    gits: 70,
    requests: 3,
    verbs: 20,
    programs: 165,
    syncs: 75,
    questions: 20,
    mountTables: 1,
  },
  // Their units are enabled and started, and systemd reads its units a few times.
  twentyNew: { gits: 52, requests: 7, verbs: 52, programs: 275, syncs: 45, questions: 32, mountTables: 40 },
} satisfies Record<string, Cost>;

const directories = 20;

test.each([1, 20])("the cost of a poll and of a deployment, with %i services", async (services) => {
  const scene = await startServices(services);
  const { upstream } = scene;

  await costOf(null, scene);
  expectCost(await costOf(null, scene), costs.nothingNew);

  const elsewhere = await upstream.commit({ "other/file": "y\n" });
  expectCost(await costOf(elsewhere, scene), costs.elsewhere);

  const changed = await upstream.commit({ "app0/conf": "two\n" });
  expectCost(await costOf(changed, scene), costs.deployment);
});

test("a push for twenty services brings their files in one request", async () => {
  const scene = await startServices(20);
  const all = Array.from({ length: 20 }, (_, service) => [`app${service}/conf`, "two\n"] as const);
  const changed = await scene.upstream.commit(Object.fromEntries(all));
  expectCost(await costOf(changed, scene), costs.twentyAtOnce);
});

test("the cost of twenty services that are new", async () => {
  const scene = await startServices(20, 0);
  const before = await untilRested(scene);
  await scene.gitopper.writeConfig(aConfig(scene.served.url, entriesOf(scene.names)));
  await scene.host.sh("systemctl kill --kill-whom=main --signal=USR2 gitopper");
  for (const name of scene.names)
    await scene.gitopper.until(name, (row) => row.state === "OK" && row.hash !== "", { timeoutMs: 120_000 });
  expectAtMost(difference(await untilRested(scene), before), costs.twentyNew);
});

interface Started {
  readonly names: readonly string[];
  readonly upstream: Upstream;
  readonly served: ServedUpstream;
  readonly host: TestHost;
  readonly gitopper: Gitopper;
  readonly trace: Trace;
}

/** A daemon that is traced, whose services, all of one upstream, are OK and reload; as many of them are in its config. */
async function startServices(services: number, managed = services): Promise<Started> {
  const names = Array.from({ length: services }, (_, service) => `app${service}`);
  // As many whatever is followed: git's own work with a tree depends on its length.
  const files = Object.fromEntries(
    Array.from({ length: directories }, (_, at) => [`app${at}/conf`, `app${at}\n`]),
  );
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
  const config = aConfig(served.url, entriesOf(names.slice(0, managed)));
  const gitopper = await startGitopper(host, { config, duration: "24h" });
  for (const name of names.slice(0, managed))
    await gitopper.until(name, (row) => row.state === "OK" && row.hash !== "");
  const trace = await traceProcess(host, await gitopper.mainPid());
  onTestFinished(() => trace[Symbol.asyncDispose]());
  return { names, upstream, served, host, gitopper, trace };
}

const entriesOf = (names: readonly string[]) =>
  names.map((name) => aService({ service: name, dirs: [{ local: `/etc/${name}`, link: name }] }));

/** The cost of a poll that brings all services to a commit, or nothing new, and of all that follows. */
async function costOf(commit: string | null, scene: Started): Promise<Cost> {
  const { served, gitopper, names } = scene;
  const before = await untilRested(scene);
  await gitopper.pull("app0");
  await poll(
    () => served.requests.length,
    (seen) => seen >= before.requests + 2,
    { everyMs: 20, timeoutMs: 20_000, failure: () => "The daemon did not look at its upstream" },
  );
  if (commit !== null)
    for (const name of names)
      await gitopper.until(name, (row) => row.hash === commit && row.state === "OK", { timeoutMs: 120_000 });
  return difference(await untilRested(scene), before);
}

function difference(after: Cost, before: Cost): Cost {
  const cost = Object.entries(after).map(([name, count]) => [name, count - before[name as keyof Cost]]);
  return Object.fromEntries(cost) as unknown as Cost;
}

const sameLooks = 20;

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
  const { programs, syncs, mountTables } = trace.seen();
  const asked = programs.flatMap(([program, verb]) => (program === "systemctl" ? [verb] : []));
  const questions = asked.filter((verb) => verb === "show").length;
  return {
    gits: await countGits(gitopper),
    requests: served.requests.length,
    verbs: asked.length - questions,
    programs: programs.length - questions,
    syncs,
    questions,
    mountTables,
  };
}

async function countGits(gitopper: Gitopper): Promise<number> {
  const { text } = await gitopper.get("/metrics");
  const count = /^gitopper_machine_git_ops_total (\d+)$/m.exec(text)?.[1];
  if (count === undefined) throw new Error(`No count of gits in ${text}`);
  return Number(count);
}

function expectCost(cost: Cost, { requests, verbs, ...most }: Cost): void {
  expect(cost).toMatchObject({ requests, verbs });
  expectAtMost(cost, most);
}

function expectAtMost(cost: Cost, most: Partial<Cost>): void {
  for (const [name, count] of Object.entries(most))
    expect(cost[name as keyof Cost], name).toBeLessThanOrEqual(count);
}
