/** One service of a large upstream: its first checkout, a change of its own, and a change that affects no service. */
import { makeBed, unitOf } from "../bed.ts";
import { measureLooks } from "../looks.ts";
import { makeMonorepo } from "../monorepo.ts";
import { compareReloads } from "../reloads.ts";
import type { Row } from "../result.ts";
import { linkOf } from "../upstream.ts";
import { measureServices } from "./cold-start.ts";

/** Far from the service's own. */
const elsewhere = `${linkOf(321)}/file11.conf`;

export async function measureMonorepo(): Promise<Row[]> {
  await using upstream = await makeMonorepo();
  const served = await upstream.serve();
  const first = await measureServices(served, 1, { what: "monorepo, first checkout", diskTimesPlain: 1.3 });
  await using bed = await makeBed(served, 1);
  const compared = await compareReloads(bed, { upstream, served }, () => bed.gitopper.pull(unitOf(0)));
  const deployed: Row = { what: "monorepo, pull now, ms", ...compared, target: { timesPlain: 1.3 } };
  await using idleBed = await makeBed(served, 1);
  const before = async () => {
    await upstream.commit({ [elsewhere]: `changed at ${performance.now()}\n` });
  };
  const looks = await measureLooks(idleBed, { what: "monorepo, change elsewhere", before });
  return [...first, deployed, ...looks];
}
