/** From "pull now" to the unit's reload, against fetch, merge and reload in a shell. */
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import type { Upstream } from "../../test/host/upstream.ts";
import { type Bed, localOf, makeBed, plainUnit, unitOf } from "../bed.ts";
import type { Row } from "../result.ts";
import { linkOf } from "../upstream.ts";

const serviceCounts = [1, 50];
const warmUps = 5;
const samples = 25;
/** The baseline's service; its part of the repository is nobody else's. */
const plainLink = linkOf(699);

/** Each sample is a commit for one of the two, who take turns on one host. */
export async function measurePull(upstream: Upstream): Promise<Row[]> {
  const served = await upstream.serve();
  const rows: Row[] = [];
  for (const services of serviceCounts) {
    await using bed = await makeBed(served, services);
    rows.push(await measureReloads(bed, upstream, served));
  }
  return rows;
}

async function measureReloads(bed: Bed, upstream: Upstream, { url }: ServedUpstream): Promise<Row> {
  await bed.shell.baseline("pull-setup.sh", url, plainUnit, plainLink, localOf(plainUnit));
  await bed.startDaemon();
  const pull = () => bed.gitopper.pull(unitOf(0));
  const byHand = () => bed.shell.baseline("pull.sh", plainUnit);
  const gitopper: number[] = [];
  const plain: number[] = [];
  for (let sample = -warmUps; sample < samples; sample++) {
    const ours = await reloadMs(bed, upstream, { link: linkOf(0), unit: unitOf(0), pull });
    const theirs = await reloadMs(bed, upstream, { link: plainLink, unit: plainUnit, pull: byHand });
    if (sample < 0) continue;
    gitopper.push(ours);
    plain.push(theirs);
  }
  return { what: `pull now, 1 of ${bed.services}, ms`, gitopper, plain, target: { timesPlain: 1.3 } };
}

async function reloadMs(
  bed: Bed,
  upstream: Upstream,
  way: { readonly link: string; readonly unit: string; readonly pull: () => Promise<void> },
): Promise<number> {
  await upstream.commit({ [`${way.link}/file07.conf`]: `changed at ${performance.now()}\n` });
  await bed.daemonIsIdle();
  bed.pings.clear();
  const startedMs = performance.now();
  const [ping] = await Promise.all([bed.pings.until(`reload ${way.unit}`), way.pull()]);
  await bed.daemonIsIdle();
  return ping.atMs - startedMs;
}
