/** Gitopper beside what else Debian has for the job, on the same hosts; writes bench/results/peers.json. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../test/host/host.ts";
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { run } from "../../test/host/run.ts";
import type { Upstream } from "../../test/host/upstream.ts";
import { type Bed, listPath, localOf, unitOf } from "../bed.ts";
import { observeMachine, renderMachine } from "../machine-facts.ts";
import { gitopper } from "../peers/gitopper.ts";
import { memoryMbOf, peakMbOf } from "../peers/memory.ts";
import { costOf, type Peer } from "../peers/peer.ts";
import { type Figures, type PeerResults, renderPeerTable, summarize, writePeers } from "../peers/results.ts";
import { ansiblePull, createWebhook, g10k, gitScript, r10k } from "../peers/scripts.ts";
import { linkOf } from "../upstream.ts";

const serviceCounts = [1, 50];
const coldStarts = 5;
const warmUps = 1;
const pushes = 5;
const peaks = 5;
const repository = join(import.meta.dirname, "../peers/repository");

/** One after the other, never two at once. What cannot be installed here is left out. */
export async function measurePeers(upstream: Upstream): Promise<[]> {
  await upstream.commit(filesBelow(repository));
  const peers = await installed([gitopper, gitScript, await createWebhook(), ansiblePull, r10k, g10k]);
  const machine = renderMachine(await observeMachine());
  const measured: PeerResults["peers"][number][] = [];
  for (const peer of peers) {
    const figures = [];
    for (const services of serviceCounts) {
      console.error(`peers: ${peer.name} with ${services}`);
      figures.push({ services, ...summarize(await measurePeer(peer, upstream, services)) });
    }
    measured.push({ name: peer.name, versions: await versionsOf(peer.packages), figures });
    // At once: a run that is broken off later has measured this.
    writePeers({ machine, peers: measured });
  }
  console.log(renderPeerTable({ machine, peers: measured }));
  return [];
}

/** What the peers find in the repository: a playbook, a manifest. */
function filesBelow(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => statSync(join(directory, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(directory, path), "utf8")]));
}

async function installed(peers: readonly Peer[]): Promise<Peer[]> {
  const found: Peer[] = [];
  for (const peer of peers) {
    const argv = [join(repositoryRoot, "scripts/install-test-tools"), ...peer.packages];
    const { status } =
      peer.packages.length === 0
        ? { status: 0 }
        : await run(argv, { allowFailure: true, timeoutMs: 10 * 60_000 });
    if (status === 0) found.push(peer);
    else console.error(`peers: leaves out ${peer.name}: cannot install ${peer.packages.join(", ")}`);
  }
  return found;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query(1) replaces it
const format = "${Version}";

async function versionsOf(packages: readonly string[]): Promise<string> {
  const versions = packages.map(async (name) => {
    const { stdout } = await run(["dpkg-query", "-W", "-f", format, name]);
    return `${name} ${stdout}`;
  });
  return (await Promise.all(versions)).join(", ");
}

async function measurePeer(peer: Peer, upstream: Upstream, services: number): Promise<Figures> {
  const served = await upstream.serve();
  const cold = [];
  for (let sample = 1; sample < coldStarts; sample++) {
    await using bed = await peer.makeBed(served, services);
    cold.push(await coldStart(peer, bed));
  }
  await using bed = await peer.makeBed(served, services);
  cold.push(await coldStart(peer, bed));
  const looks = (await peer.looks?.(bed)) ?? [];
  for (let push = 0; push < warmUps; push++) await reloadMs(peer, bed, upstream);
  const reloads = [];
  for (let push = 0; push < pushes; push++) reloads.push(await reloadMs(peer, bed, upstream));
  const disk = [(await bed.bytesOnDisk(...peer.directories)) / 1e6];
  const idle = memoryMbOf(bed, peer.unit);
  const peak = [];
  for (let push = 0; push < peaks; push++) {
    const mb = await peakMbOf(bed, peer.unit, () => reloadMs(peer, bed, upstream));
    // What waits there between the runs of a script is the shell of the bench.
    peak.push(peer.resident ? mb : mb - idle);
  }
  await expectRightFiles(bed, served);
  return { looks, reloads, cold, disk, idle: peer.resident ? [idle] : [], peak };
}

function coldStart(peer: Peer, bed: Bed) {
  return costOf(
    bed,
    () => peer.bringUp(bed),
    () => peer.cpuMs(bed),
  );
}

/** From the push, or the start of the run that finds it, to the reload. @throws unless exactly that unit reloads */
async function reloadMs(peer: Peer, bed: Bed, upstream: Upstream): Promise<number> {
  const text = `changed at ${performance.now()}\n`;
  const commit = await upstream.commit({ [`${linkOf(0)}/file07.conf`]: text });
  bed.pings.clear();
  const startedMs = performance.now();
  const [ping] = await Promise.all([bed.pings.until(`reload ${unitOf(0)}`), peer.tell(bed, commit)]);
  const seen = bed.pings.seen.map((each) => each.text).join(", ");
  if (seen !== `reload ${unitOf(0)}`) throw new Error(`${peer.name}: not one reload but "${seen}"`);
  if ((await bed.host.read(`${localOf(unitOf(0))}/file07.conf`)) !== text)
    throw new Error(`${peer.name}: the file is not what was pushed`);
  return ping.atMs - startedMs;
}

/** @throws Error unless all services have all files as upstream has them */
async function expectRightFiles({ host }: Bed, { url }: ServedUpstream): Promise<void> {
  await host.sh(`git clone --quiet --depth 1 ${url} /var/tmp/expected
    while read -r unit link local; do diff -r "/var/tmp/expected/$link" "$local"; done <${listPath}`);
}
