/** The peers that are scripts of this folder: cron starts most of them, webhook(1) one. */
import { freePort } from "../../test/host/port.ts";
import { type Bed, listPath, makeBed } from "../bed.ts";
import { untilQuiet } from "../cgroup-cpu.ts";
import { type Cost, costOf, type Peer } from "./peer.ts";
import { postPush, secret } from "./push.ts";

const samples = 7;
const copies = "/etc/bench";
const puppet = ["/etc/puppet/code/environments", "/var/lib/puppet", copies];

export const gitScript = polling("cron + git", "git.sh", [], ["/srv/plain"]);
export const ansiblePull = polling(
  "ansible-pull",
  "ansible-pull.sh",
  ["ansible-core", "rsync"],
  ["/var/lib/ansible", copies],
);
export const r10k = polling("r10k", "r10k.sh", ["r10k", "puppet-agent"], ["/var/cache/r10k", ...puppet]);
export const g10k = polling("g10k", "g10k.sh", ["g10k", "puppet-agent"], ["/var/cache/g10k", ...puppet]);

/** A script that polls whenever cron starts it. */
function polling(
  name: string,
  script: string,
  packages: readonly string[],
  directories: readonly string[],
): Peer {
  const runOnce = (bed: Bed) => bed.shell.peer(script, bed.upstream.url, listPath);
  return {
    name,
    packages,
    directories,
    unit: "bench-shell.service",
    resident: false,
    makeBed,
    async bringUp(bed) {
      bed.pings.clear();
      await runOnce(bed);
      await bed.pings.until("start ", bed.services);
    },
    cpuMs: (bed) => bed.shell.cpuMs(),
    looks: (bed) => looksOf(bed, () => runOnce(bed)),
    tell: runOnce,
  };
}

async function looksOf(bed: Bed, runOnce: () => Promise<void>): Promise<Cost[]> {
  await runOnce();
  const costs: Cost[] = [];
  for (let sample = 0; sample < samples; sample++)
    costs.push(await costOf(bed, runOnce, () => bed.shell.cpuMs()));
  return costs;
}

/** Brought up by the script itself; afterwards webhook(1) starts it. */
export async function createWebhook(): Promise<Peer> {
  const port = await freePort();
  const unit = "webhook.service";
  return {
    ...gitScript,
    name: "webhook",
    packages: ["webhook"],
    unit,
    resident: true,
    async bringUp(bed) {
      await bed.shell.peer("webhook.sh", String(port), `'${secret}'`, bed.upstream.url, listPath);
      await gitScript.bringUp(bed);
    },
    looks: null,
    async tell(bed, commit) {
      await postPush(`http://127.0.0.1:${port}/hooks/deploy`, bed.upstream, commit);
      await untilQuiet(bed.host, unit);
    },
  };
}
