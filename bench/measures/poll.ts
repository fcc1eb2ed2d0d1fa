/** A poll that finds nothing new, with more and more services of one upstream, against `git fetch` of the same store. */
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import { listPath, makeBed } from "../bed.ts";
import { comparePolls, pollEvery } from "../polls.ts";
import type { Row } from "../result.ts";

const serviceCounts = [1, 10, 50, 200, 500];

export async function measurePoll(upstream: ServedUpstream): Promise<Row[]> {
  const rows: Row[] = [];
  for (const services of serviceCounts) {
    await using bed = await makeBed(upstream, services, { interval: pollEvery });
    await bed.shell.baseline("cold-start.sh", bed.upstream.url, listPath);
    await bed.host.sh(`cut -d' ' -f3 ${listPath} | xargs umount && systemctl stop 'app*'`);
    const [cpu, requests] = await comparePolls(bed, {
      what: `poll of ${services}`,
      // Git requests the refs once a poll, and so does the poll without git.
      polls: async () => upstream.requests.filter((request) => request.startsWith("POST ")).length,
      requests: () => upstream.requests.length,
      plain: () => bed.shell.baseline("poll.sh"),
    });
    const point = { curve: "poll, ms of CPU", services };
    rows.push({ ...cpu, target: { timesPlain: 1 }, point }, { ...requests, target: { timesPlain: 1 } });
  }
  return rows;
}
