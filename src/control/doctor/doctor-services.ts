/** Checks the services: each that is not well, or will not be after a reboot, with what to do about it. */
import type { DoctorCheck } from "../../api/shapes.ts";
import type { ServiceRecord } from "../../history/kept.ts";
import type { ObserveUnit } from "../../host/systemd/units.ts";
import { Problem } from "../../model/problem.ts";
import { remedyFor } from "../../model/reason/remedy.ts";
import { isBadCommitReason } from "../../model/reason/state-reason.ts";
import type { Service } from "../../model/service.ts";
import { hasFailed, infoOf, isReleased, type ServiceState } from "../../model/state.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { type Advice, cannotReload, fullName } from "../../model/unit-name.ts";
import type { Records } from "../../reconcile/records.ts";
import { isUnreloadable, missingAtBoot } from "../../rollout/unit/unit.ts";
import type { UpstreamLoop } from "../../sync/upstream-loop.ts";

type Finding = Pick<DoctorCheck, "result" | "detail" | "remedy">;

export interface ServicePorts {
  readonly records: Pick<Records, "get">;
  readonly observeUnit: ObserveUnit;
}

export async function checkServices(
  loops: readonly UpstreamLoop[],
  ports: ServicePorts,
): Promise<readonly DoctorCheck[]> {
  const services = loops.flatMap(({ group }) => group.services);
  const checks = (await Promise.all(services.map((service) => checkService(service, ports)))).flat();
  if (checks.length > 0) return checks;
  const detail = services.length === 0 ? "none for this host" : `${services.length}, all well`;
  return [{ name: "services", result: "ok", detail, remedy: "" }];
}

/** Released, or never deployed because something is wrong, which the check of the service reports: nothing is mounted. */
export function isUndeployed({ commit, state }: ServiceRecord): boolean {
  return commit === null && (hasFailed(state) || isReleased(state));
}

async function checkService(
  service: Service,
  { records, observeUnit }: ServicePorts,
): Promise<readonly DoctorCheck[]> {
  const { state } = records.get(service.name);
  const named = (findings: readonly Finding[]) =>
    findings.map((finding) => ({ name: `service ${service.name}`, ...finding }));
  const own = stateFinding(service, state);
  if (service.action === null || isReleased(state)) return named(own ? [own] : []);
  try {
    const unit = await observeUnit(service.name);
    return named(together(own, state.name === "BROKEN", unitFindings(service, unit)));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return named([...(own ? [own] : []), failed(error.message, "see systemctl status")]);
  }
}

/** A service that is broken because of its unit gets one line: why, and what to do about the unit. */
export function together(
  own: Finding | null,
  isBroken: boolean,
  ofUnit: readonly Finding[],
): readonly Finding[] {
  const [worst, ...rest] = ofUnit;
  if (own === null) return ofUnit;
  if (!isBroken || worst?.result !== "failed") return [own, ...ofUnit];
  return [{ ...own, remedy: worst.remedy }, ...rest];
}

function stateFinding({ name: service }: Service, state: ServiceState): Finding | null {
  if (hasFailed(state)) {
    const info = infoOf(state);
    const { code: reason, hold } = state;
    const bad = isBadCommitReason(reason);
    const remedy = remedyFor({ service, state: state.name, reason, bad, held: hold !== null });
    return failed([state.name, info].filter(Boolean).join(": "), remedy);
  }
  // Advice about the unit is among the findings of the unit.
  const drifted = "drift" in state && !["unit-advice", undefined].includes(state.code);
  return drifted ? warning(state.drift, `gitopperctl drift ${service}`) : null;
}

/** A fault of now comes alone; faults that a reload or a reboot will bring come when there is none now. */
export function unitFindings(service: Service, unit: UnitSeen): readonly Finding[] {
  const name = fullName(service.name);
  const now = presentFinding(name, unit);
  if (now !== null) return [now];
  const atBoot = missingAtBoot(unit);
  return [
    ...(isUnreloadable(service, unit) ? [advise("failed", cannotReload(service.name))] : []),
    ...(atBoot === null ? [] : [advise("warning", atBoot)]),
  ];
}

function presentFinding(name: string, { load, active, result }: UnitSeen): Finding | null {
  const journal = `see "journalctl -u ${name}"`;
  if (active === "failed")
    return failed(`${name} failed: ${result}`, `${journal}; then "systemctl restart ${name}"`);
  switch (load) {
    case "loaded":
      return null;
    case "masked":
      return warning(`${name} is masked`, `run "systemctl unmask ${name}", or leave the service out`);
    case "not-found":
      return failed(`${name} does not exist`, "install what brings it, or correct the service's name");
    default:
      return failed(`systemd cannot load ${name}: ${load}`, `see "systemd-analyze verify ${name}"`);
  }
}

function advise(result: Finding["result"], { what, remedy }: Advice): Finding {
  return { result, detail: what, remedy };
}

function failed(detail: string, remedy: string): Finding {
  return { result: "failed", detail, remedy };
}

function warning(detail: string, remedy: string): Finding {
  return { result: "warning", detail, remedy };
}
