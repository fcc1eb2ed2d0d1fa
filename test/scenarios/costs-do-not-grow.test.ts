import { expect, onTestFinished, test } from "vitest";
import { type Gitopper, startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import type { ServedUpstream } from "../host/http-upstream.ts";
import { poll } from "../host/poll.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

/** What some work has cost: git processes on the host, and HTTP requests to the upstream. */
interface Cost {
  readonly gits: number;
  readonly requests: number;
}

// A fetch is: what can you do (GET), which refs have you (POST) and, if need be, give me these objects (POST).
const nothingNew = { gits: 1, requests: 2 };
// And one that reads commits and trees.
const elsewhere = { gits: 2, requests: 3 };
// And those that stage the files, tell the checkout of them, and look at it afterwards.
const deployment = { gits: 5, requests: 3 };

test.each([1, 20])("what a look and a deployment cost, with %i services", async (services) => {
  const { upstream, served, gitopper } = await startServices(services);
  const pull = async () => {
    await gitopper.pull("app0");
  };

  await costOf(pull, gitopper, served);
  expectAtMost(nothingNew, await costOf(pull, gitopper, served));

  await upstream.commit({ "other/file": "y\n" });
  expectAtMost(elsewhere, await costOf(pull, gitopper, served));

  const changed = await upstream.commit({ "app0/conf": "two\n" });
  expectAtMost(deployment, await costOf(pull, gitopper, served));
  await gitopper.until("app0", (row) => row.hash === changed && row.state === "OK");
});

test("a push for twenty services brings their files in one request", async () => {
  const { upstream, served, gitopper } = await startServices(20);
  const all = Array.from({ length: 20 }, (_, service) => [`app${service}/conf`, "two\n"] as const);
  const changed = await upstream.commit(Object.fromEntries(all));
  const cost = await costOf(() => gitopper.pull("app0"), gitopper, served);
  expect(cost.requests).toBeLessThanOrEqual(deployment.requests);
  for (let service = 0; service < 20; service++)
    await gitopper.until(`app${service}`, (row) => row.hash === changed && row.state === "OK");
});

interface Started {
  readonly upstream: Upstream;
  readonly served: ServedUpstream;
  readonly gitopper: Gitopper;
}

/** A daemon whose services, all of one upstream, are OK. */
async function startServices(services: number): Promise<Started> {
  const names = Array.from({ length: services }, (_, service) => `app${service}`);
  const files = Object.fromEntries(names.map((name) => [`${name}/conf`, `${name}\n`]));
  const upstream = await makeUpstream({ files: { ...files, "other/file": "x\n" } });
  onTestFinished(() => upstream.dispose());
  const host = await bootHost({ name: "alpha" });
  onTestFinished(() => host.stop());
  const served = await upstream.serve();
  const gitopper = await startGitopper(host, {
    config: names.map((name) => renderService(name, served.url)).join(""),
    duration: "24h",
  });
  for (const name of names) await gitopper.until(name, (row) => row.state === "OK" && row.hash !== "");
  return { upstream, served, gitopper };
}

function renderService(name: string, url: string): string {
  return `
[[services]]
machine = "alpha"
service = "${name}"
upstream = "${url}"
mount = "/srv/gitopper"
dirs = [{ local = "/etc/${name}", link = "${name}" }]
`;
}

/** The cost of the work and of all that follows, until the daemon runs no more git. */
async function costOf(work: () => Promise<void>, gitopper: Gitopper, served: ServedUpstream): Promise<Cost> {
  const [gits, requests] = [await untilRested(gitopper), served.requests.length];
  await work();
  await poll(
    () => served.requests.length,
    (seen) => seen >= requests + 2,
    { everyMs: 20, timeoutMs: 20_000, failure: () => "The daemon did not look at its upstream" },
  );
  return { gits: (await untilRested(gitopper)) - gits, requests: served.requests.length - requests };
}

const sameLooks = 10;

/** The number of gits so far, when it has stayed the same for a while. */
async function untilRested(gitopper: Gitopper): Promise<number> {
  let last = -1;
  let same = 0;
  return poll(
    async () => {
      const now = await countGits(gitopper);
      same = now === last ? same + 1 : 0;
      last = now;
      return now;
    },
    () => same >= sameLooks,
    { everyMs: 50, timeoutMs: 30_000, failure: () => "The daemon does not come to rest" },
  );
}

async function countGits(gitopper: Gitopper): Promise<number> {
  const { text } = await gitopper.get("/metrics");
  const count = /^gitopper_machine_git_ops_total (\d+)$/m.exec(text)?.[1];
  if (count === undefined) throw new Error(`No count of gits in ${text}`);
  return Number(count);
}

function expectAtMost(bound: Cost, cost: Cost): void {
  expect(cost.gits, "gits").toBeLessThanOrEqual(bound.gits);
  expect(cost.requests, "requests").toBeLessThanOrEqual(bound.requests);
}
