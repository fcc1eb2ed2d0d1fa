/** Runs a probe once. */
import type { Account } from "../model/account.ts";
import type { Probe, ProbeKind } from "../model/service.ts";
import { renderDuration } from "../model/text/duration.ts";
import { messageOf } from "../model/text/error-message.ts";
import { endingWith } from "../platform/abort.ts";
import { type Answer, bad, good, oneLine } from "./answer.ts";
import { askCommand } from "./ask-command.ts";
import { askHttp } from "./ask-http.ts";
import { askTcp } from "./ask-tcp.ts";
import { isActive } from "./judge-unit.ts";
import type { HealthPorts } from "./ports.ts";

type AskPorts = Pick<HealthPorts, "clock" | "exec" | "observeUnit">;

/** Always resolves, within the probe's time-out; on abort soon, with a meaningless answer. */
export async function askProbe(
  probe: Probe,
  account: Account,
  { clock, exec, observeUnit }: AskPorts,
  signal: AbortSignal,
): Promise<Answer> {
  // Its time-out starts when it starts, because it may wait for a slot.
  if (probe.kind === "command") return askCommand(probe, account, exec, signal);
  using asking = endingWith(signal);
  const late = clock
    .sleep(probe.timeoutMs, asking.signal)
    .then(() => bad(`gave no answer within ${renderDuration(probe.timeoutMs)}`));
  return await Promise.race([ask(probe, observeUnit, asking.signal), late]);
}

function ask(
  probe: Exclude<ProbeKind, { kind: "command" }>,
  observeUnit: HealthPorts["observeUnit"],
  signal: AbortSignal,
): Promise<Answer> {
  switch (probe.kind) {
    case "http":
      return askHttp(probe, signal);
    case "tcp":
      return askTcp(probe, signal);
    case "unit":
      return askUnit(probe.unit, observeUnit);
  }
}

/** `http http://127.0.0.1/health`, the start of a failure's reason. */
export function nameOf(probe: ProbeKind): string {
  switch (probe.kind) {
    case "http":
      return `http ${probe.url}`;
    case "tcp":
      return `tcp ${probe.host.includes(":") ? `[${probe.host}]` : probe.host}:${probe.port}`;
    case "unit":
      return `unit ${probe.unit}`;
    case "command":
      return `command ${oneLine(probe.argv.join(" "))}`;
  }
}

async function askUnit(unit: string, observeUnit: HealthPorts["observeUnit"]): Promise<Answer> {
  try {
    const run = await observeUnit(unit);
    return isActive(run) ? good : bad(`is ${run.active} (${run.sub}) instead of active`);
  } catch (error) {
    return bad(`cannot be asked about: ${messageOf(error)}`);
  }
}
