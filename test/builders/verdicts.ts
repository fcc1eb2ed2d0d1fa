/** What a daemon reports of failed deployments. */
import { type DeploymentRow, deploymentsReply } from "../../src/api/shapes.ts";
import type { Gitopper } from "../host/gitopper.ts";
import type { RunResult } from "../host/run.ts";

/** A service's deployments, newest first. */
export async function deploymentsOf(gitopper: Gitopper, service: string): Promise<readonly DeploymentRow[]> {
  const { json } = await gitopper.get(`/api/v1/services/${service}/deployments/output`);
  return deploymentsReply.parse(json).deployments;
}

/** How often a commit has been tried. */
export async function triesOf(gitopper: Gitopper, service: string, commit: string): Promise<number> {
  const rows = await deploymentsOf(gitopper, service);
  return rows.filter(({ to }) => to === commit).reduce((sum, { tries }) => sum + tries, 0);
}

/** Makes it poll the upstream, and resolves when all work that follows has ended. */
export function pullAndWait(gitopper: Gitopper, service: string, ...options: string[]): Promise<RunResult> {
  return gitopper.tryCtl("pull", service, "@", "--wait", "60s", ...options);
}

/** Everything between the end of the settling and the way back, on a machine with other things to do. */
const patienceMs = 8_000;

/**
 * The deployment that failed and the one that went back, which has to have begun soon after the settling.
 * @throws when the newest two are not these
 */
export async function wayBack(gitopper: Gitopper, service: string, settleMs: number) {
  const [back, bad] = await deploymentsOf(gitopper, service);
  if (back?.trigger !== "revert" || bad?.result !== "failed")
    throw new Error(`Nothing went back: ${JSON.stringify([back, bad])}`);
  const tookMs = new Date(back.startedAt).getTime() - new Date(bad.startedAt).getTime();
  if (tookMs > settleMs + 2_000 + patienceMs) throw new Error(`It went back after ${tookMs} ms only`);
  return { back, bad };
}
