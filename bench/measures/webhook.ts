/** From a forge's webhook to the unit's reload, against fetch, merge and reload in a shell; and where the time goes. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServedUpstream } from "../../test/host/http-upstream.ts";
import type { Upstream } from "../../test/host/upstream.ts";
import { type Bed, makeBed } from "../bed.ts";
import {
  countGits,
  type Deployment,
  deploymentsOf,
  ownMs,
  spanRows,
  spawningMs,
} from "../deployment-spans.ts";
import { observeMachine, renderMachine } from "../machine-facts.ts";
import { postPush, secret } from "../peers/push.ts";
import { compareReloads, type Tell, warmUps } from "../reloads.ts";
import { type Row, summaryOf } from "../result.ts";
import { renderSpanTable, type SpanResults, type SpanTable } from "../span-table.ts";
import { parseTrace, spansOf } from "../trace.ts";

const serviceCounts = [1, 50];
const secretPath = "/etc/gitopper/github.secret";
const tracePath = "/var/gitopper-trace.json";
const config = `[[webhooks]]\nname = "github"\nkind = "github"\nsecret_file = "${secretPath}"\n`;

/** Also prints the table of spans, and writes it to bench/results/spans.json. */
export async function measureWebhook(upstream: Upstream): Promise<Row[]> {
  const served = await upstream.serve();
  const rows: Row[] = [];
  const tables: SpanTable[] = [];
  for (const services of serviceCounts) {
    await using bed = await makeBed(served, services, { config, args: ["--trace", tracePath] });
    await bed.shell.run(`umask 077; echo '${secret}' >${secretPath}`);
    const compared = await compareReloads(bed, { upstream, served }, pushed(served));
    const deployments = tracedIn(bed).slice(warmUps);
    rows.push(...rowsFor(services, compared, deployments));
    tables.push(tableOf(services, deployments));
  }
  for (const table of tables) console.log(renderSpanTable(table));
  writeResults({ machine: renderMachine(await observeMachine()), tables });
  return rows;
}

function pushed(served: ServedUpstream): Tell {
  return ({ gitopper }, commit) => postPush(`http://${gitopper.address}/webhook/github`, served, commit);
}

function tracedIn({ host }: Bed): Deployment[] {
  return deploymentsOf(spansOf(parseTrace(readFileSync(join(host.root, tracePath), "utf8"))));
}

function rowsFor(
  services: number,
  compared: Pick<Row, "gitopper" | "plain">,
  deployments: readonly Deployment[],
): Row[] {
  const row = (what: string, of: (deployment: Deployment) => number, target: Row["target"]): Row => {
    return { what: `  ${what}`, gitopper: deployments.map(of), plain: [], target };
  };
  return [
    { what: `webhook, 1 of ${services}, ms`, ...compared, target: { timesPlain: 1.2 } },
    row("own share, ms", ownMs, { most: 15 }),
    row("git processes", countGits, null),
  ];
}

function tableOf(services: number, deployments: readonly Deployment[]): SpanTable {
  return {
    services,
    wholeMs: summaryOf(deployments.map(({ fromMs, toMs }) => toMs - fromMs)),
    ownMs: summaryOf(deployments.map(ownMs)),
    spawningMs: summaryOf(deployments.map(spawningMs)),
    spans: spanRows(deployments),
  };
}

function writeResults(results: SpanResults): void {
  const directory = join(import.meta.dirname, "../results");
  mkdirSync(directory, { recursive: true });
  const round = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toFixed(2)) : value);
  writeFileSync(join(directory, "spans.json"), `${JSON.stringify(results, round, 2)}\n`);
}
