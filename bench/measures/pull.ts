/** From "pull now" to the unit's reload, against fetch, merge and reload in a shell. */
import type { Upstream } from "../../test/host/upstream.ts";
import { makeBed, unitOf } from "../bed.ts";
import { compareReloads, type Tell } from "../reloads.ts";
import type { Row } from "../result.ts";

const serviceCounts = [1, 50];
const pull: Tell = (bed) => bed.gitopper.pull(unitOf(0));

export async function measurePull(upstream: Upstream): Promise<Row[]> {
  const served = await upstream.serve();
  const rows: Row[] = [];
  for (const services of serviceCounts) {
    await using bed = await makeBed(served, services);
    const compared = await compareReloads(bed, { upstream, served }, pull);
    rows.push({ what: `pull now, 1 of ${services}, ms`, ...compared, target: { timesPlain: 1.3 } });
  }
  return rows;
}
