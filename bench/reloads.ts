/** From some sign that there is news to the unit's reload; gitopper and a shell take turns on one host. */
import type { ServedUpstream } from "../test/host/http-upstream.ts";
import type { Upstream } from "../test/host/upstream.ts";
import { type Bed, localOf, plainUnit, unitOf } from "./bed.ts";
import type { Row } from "./result.ts";
import { linkOf } from "./upstream.ts";

export const warmUps = 5;
const samples = 25;
/** The baseline's service; its part of the repository belongs to no other service. */
const plainLink = linkOf(699);

/** Gives the daemon the sign; `commit` is what it should find. */
export type Tell = (bed: Bed, commit: string) => Promise<unknown>;

/** Each sample is a commit for one of the two. Starts the daemon. */
export async function compareReloads(
  bed: Bed,
  { upstream, served: { url } }: { readonly upstream: Upstream; readonly served: ServedUpstream },
  tell: Tell,
): Promise<Pick<Row, "gitopper" | "plain">> {
  await bed.shell.baseline("pull-setup.sh", url, plainUnit, plainLink, localOf(plainUnit));
  await bed.startDaemon();
  const byHand = () => bed.shell.baseline("pull.sh", plainUnit);
  const gitopper: number[] = [];
  const plain: number[] = [];
  for (let sample = -warmUps; sample < samples; sample++) {
    const ours = await reloadMs(bed, upstream, {
      link: linkOf(0),
      unit: unitOf(0),
      begin: (commit) => tell(bed, commit),
    });
    const theirs = await reloadMs(bed, upstream, { link: plainLink, unit: plainUnit, begin: byHand });
    if (sample < 0) continue;
    gitopper.push(ours);
    plain.push(theirs);
  }
  return { gitopper, plain };
}

interface Way {
  readonly link: string;
  readonly unit: string;
  readonly begin: (commit: string) => Promise<unknown>;
}

async function reloadMs(bed: Bed, upstream: Upstream, { link, unit, begin }: Way): Promise<number> {
  const commit = await upstream.commit({ [`${link}/file07.conf`]: `changed at ${performance.now()}\n` });
  await bed.daemonIsIdle();
  bed.pings.clear();
  const startedMs = performance.now();
  const [ping] = await Promise.all([bed.pings.until(`reload ${unit}`), begin(commit)]);
  await bed.daemonIsIdle();
  return ping.atMs - startedMs;
}
