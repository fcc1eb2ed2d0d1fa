/** `log <service>`: its deployments, newest first; above them the one that is under way. */
import {
  type DeploymentRow,
  deploymentsReply,
  type ServiceDetails,
  serviceDetails,
} from "../../../api/shapes.ts";
import type { CommandDefinition, Given, Look, Result, Session, Shown } from "../../cli/definition.ts";
import { askFor, pathOf } from "../../connect/reply.ts";
import { indented, wrapped } from "../../output/present.ts";
import { renderWhen } from "../../output/time.ts";
import { visibleLines } from "../../output/visible.ts";
import { limitOption, oneService, serviceOf, textOf } from "../arguments.ts";
import { lastWords } from "../wait-result.ts";
import { tableOf } from "./deployments-table.ts";
import { shortened } from "./status.ts";

const defaultLimit = "20";

export const log: CommandDefinition = {
  name: "log",
  section: "Look",
  summary: "the service's deployments, newest first; above them the one under way",
  arguments: [oneService],
  options: [
    limitOption("deployments", defaultLimit),
    { long: "output", help: "what checks, probes and units said when deployments failed" },
  ],
  act: { over: "hosts", run },
};

async function run(given: Given, session: Session): Promise<Result> {
  const { host, look } = session;
  const withOutput = given.options.output === true;
  const route = `/api/v1/services/{}/deployments${withOutput ? "/output" : ""}`;
  const path = `${pathOf(route, serviceOf(given))}?limit=${textOf(given, "limit") ?? defaultLimit}`;
  const askDeployments = () => askFor(host, deploymentsReply, { method: "GET", path });
  const details = await askFor(host, serviceDetails, {
    method: "GET",
    path: pathOf("/api/v1/services/{}", serviceOf(given)),
  });
  if (withOutput) {
    const { value, json } = await askDeployments();
    const now = await brokenNow(details.value, session);
    return { shown: renderOutput(value.deployments, now, look), json };
  }
  // Asked second: a deployment that ends in between is in both, rather than in none.
  const { value, json } = await askDeployments();
  return { shown: { table: tableOf(value.deployments, details.value, look) }, json };
}

const silent = "(no check, probe or unit said anything)";

/** A unit may have died long after its deployment: why the service is broken, and what the unit said last; else empty. */
async function brokenNow({ service, state, info }: ServiceDetails, session: Session): Promise<string> {
  if (state !== "BROKEN") return "";
  return `${wrapped(`now: ${shortened(info)}`, session.look.width)}\n${await lastWords(session, service)}`;
}

/** What is now, then the failed ones alone, each with what was kept of it. */
function renderOutput(deployments: readonly DeploymentRow[], now: string, look: Look): Shown {
  const failed = deployments.filter(({ result }) => result === "failed");
  const above = now === "" ? "" : `${now}\n`;
  if (failed.length === 0) return { text: `${above}none of these deployments failed\n` };
  const blocks = failed.map(({ startedAt, to, failedAt, reason, output, journal }) => {
    const head = `${renderWhen(startedAt, look)}: ${to.slice(0, 8)} failed at ${failedAt}: ${reason}`;
    const said = [output, journal].flatMap((text) => visibleLines(text?.trimEnd() ?? ""));
    const lines = said.filter(Boolean);
    return [wrapped(head, look.width), ...indented(lines.length > 0 ? lines : [silent], look)].join("\n");
  });
  return { text: `${above}${blocks.join("\n\n")}\n` };
}
