/** `log <service>`: lists its deployments, newest first, with the running one on top. */
import { type DeploymentRow, deploymentsReply, type ServiceDetails } from "../../../api/shapes.ts";
import type { Command, CommandInput, Display, Result, Session, Shown } from "../../cli/definition.ts";
import { indented, wrapped } from "../../output/present.ts";
import { renderWhen } from "../../output/time.ts";
import { visibleLines } from "../../output/visible.ts";
import { limitOption, oneService, serviceOf, textOf } from "../arguments.ts";
import { askDetails, askService } from "../requests.ts";
import { unitLogTail } from "../wait-result.ts";
import { deploymentsTable } from "./deployments-table.ts";
import { shortened } from "./status.ts";

const defaultLimit = "20";

export const log: Command = {
  name: "log",
  example: "log nginx --output",
  section: "Show",
  summary: "show the deployments of the service, newest first, with a running one on top",
  arguments: [oneService],
  options: [
    limitOption("deployments", defaultLimit),
    { long: "output", help: "include the output of checks, probes and units for failed deployments" },
  ],
  action: { over: "hosts", run },
};

async function run(input: CommandInput, session: Session): Promise<Result> {
  const { host, display } = session;
  const withOutput = input.options.output === true;
  const what = `/deployments${withOutput ? "/output" : ""}?limit=${textOf(input, "limit") ?? defaultLimit}`;
  const details = await askDetails(host, serviceOf(input));
  // The second request: a deployment that ends in between is in both answers, rather than in none.
  const { value, json } = await askService(host, serviceOf(input), deploymentsReply, what);
  const { deployments } = value;
  if (!withOutput) return { shown: { table: deploymentsTable(deployments, details.value, display) }, json };
  return { shown: renderOutput(deployments, await brokenNow(details.value, session), display), json };
}

const silent = "(no check, probe or unit said anything)";

/** Why the service is broken, and the end of its unit's journal; empty: it is not. A unit may fail long after its deployment. */
async function brokenNow({ service, state, info }: ServiceDetails, session: Session): Promise<string> {
  if (state !== "BROKEN") return "";
  return `${wrapped(`now: ${shortened(info)}`, session.display.width)}\n${await unitLogTail(session, service)}`;
}

/** The current problem, then only the failed deployments, with the output kept for each. */
function renderOutput(deployments: readonly DeploymentRow[], now: string, display: Display): Shown {
  const failed = deployments.filter(({ result }) => result === "failed");
  const above = now === "" ? "" : `${now}\n`;
  if (failed.length === 0) return { text: `${above}none of these deployments failed\n` };
  const blocks = failed.map(({ startedAt, to, failedAt, reason, output, journal }) => {
    const head = `${renderWhen(startedAt, display)}: ${to.slice(0, 8)} failed at ${failedAt}: ${reason}`;
    const said = [output, journal].flatMap((text) => visibleLines(text?.trimEnd() ?? ""));
    const lines = said.filter(Boolean);
    return [wrapped(head, display.width), ...indented(lines.length > 0 ? lines : [silent], display)].join(
      "\n",
    );
  });
  return { text: `${above}${blocks.join("\n\n")}\n` };
}
