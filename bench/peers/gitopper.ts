/** Gitopper beside its peers: a webhook tells it of a push, and between pushes it polls. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Bed, makeBed } from "../bed.ts";
import { cgroupOf } from "../cgroup-cpu.ts";
import { pollEvery } from "../polls.ts";
import { summaryOf } from "../result.ts";
import { parseTrace, spansOf } from "../trace.ts";
import { type Cost, costOf, type Peer } from "./peer.ts";
import { postPush, secret } from "./push.ts";

const unit = "gitopper.service";
const secretPath = "/etc/gitopper/github.secret";
const config = `[[webhooks]]\nname = "github"\nkind = "github"\nsecret_file = "${secretPath}"\n`;
const tracePath = "/var/gitopper-trace.json";
const samples = 5;
const sampleMs = 10_000;

export const gitopper: Peer = {
  name: "gitopper",
  packages: [],
  directories: ["/var/lib/gitopper", "/srv/gitopper"],
  unit,
  resident: true,
  async makeBed(upstream, services) {
    const bed = await makeBed(upstream, services, { config });
    await bed.shell.run(`umask 077; echo '${secret}' >${secretPath}`);
    return bed;
  },
  bringUp: (bed) => bed.startDaemon(),
  cpuMs: (bed) => (existsSync(cgroupOf(bed.host, unit)) ? bed.daemonCpuMs() : 0),
  looks: measurePolls,
  async tell(bed, commit) {
    await postPush(`http://${bed.gitopper.address}/webhook/github`, bed.upstream, commit);
    await bed.daemonIsIdle();
  },
};

/** On a host of its own, where it polls by itself at a short interval; its trace says how long a poll takes. */
async function measurePolls({ upstream, services }: Bed): Promise<Cost[]> {
  await using bed = await makeBed(upstream, services, {
    interval: pollEvery,
    args: ["--trace", tracePath],
  });
  await bed.startDaemon();
  await pause(sampleMs);
  const costs: Cost[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const before = pollsIn(bed).length;
    const { cpuMs, requests } = await costOf(
      bed,
      () => pause(sampleMs),
      () => bed.daemonCpuMs(),
    );
    const polls = pollsIn(bed).slice(before);
    const count = polls.length;
    const wallMs = summaryOf(polls).median;
    costs.push({ wallMs, cpuMs: cpuMs / count, requests: requests / count });
  }
  return costs;
}

/** How long each poll took that has ended, in ms. */
function pollsIn({ host }: Bed): number[] {
  const spans = spansOf(parseTrace(readFileSync(join(host.root, tracePath), "utf8")));
  const polls = spans.filter(({ name, toMs }) => name === "poll" && Number.isFinite(toMs));
  return polls.map(({ fromMs, toMs }) => toMs - fromMs);
}
