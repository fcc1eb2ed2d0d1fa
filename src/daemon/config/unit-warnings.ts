/** The warnings of `--check` about the units of a config, on the host that has them. */
import { touchesDefinitions } from "../../host/systemd/unit-files.ts";
import { createUnitObserver } from "../../host/systemd/units.ts";
import { Problem } from "../../model/problem.ts";
import type { Service } from "../../model/service.ts";
import type { UnitSeen } from "../../model/unit.ts";
import { cannotReload, renderAdvice } from "../../model/unit-name.ts";
import type { Exec } from "../../platform/process/exec.ts";
import { isUnreloadable } from "../../rollout/unit/unit.ts";

type Units = ReadonlyMap<string, UnitSeen>;

/** Lines such as `warning: app.service cannot reload …`; none where systemd does not run or does not answer. */
export async function unitWarnings(services: readonly Service[], exec: Exec): Promise<readonly string[]> {
  const units = await observeUnits(services, exec);
  const unreloadable = services.filter((service) => {
    const unit = units.get(service.name);
    return unit !== undefined && isUnreloadable(service, unit);
  });
  const missing = missingUnits(services, units).map(
    (name) => `${name}: this host has no such unit; correct "service", or install what brings it`,
  );
  const advice = unreloadable.map(({ name }) => renderAdvice(cannotReload(name)));
  return [...missing, ...advice].map((text) => `warning: ${text}\n`);
}

/** One call of systemctl for all; empty where systemd does not run, as in the CI of a repository. */
export async function observeUnits(services: readonly Service[], exec: Exec): Promise<Units> {
  const observe = createUnitObserver(exec);
  try {
    const seen = await Promise.all(services.map(async ({ name }) => [name, await observe(name)] as const));
    return new Map(seen);
  } catch (error) {
    if (error instanceof Problem) return new Map();
    throw error;
  }
}

/** The names of services without a unit; one that a package or the service's own files bring is not missed. */
export function missingUnits(services: readonly Service[], units: Units): readonly string[] {
  const needed = services.filter((service) => service.action !== null && !bringsUnit(service));
  return needed.flatMap(({ name }) => (units.get(name)?.load === "not-found" ? [name] : []));
}

function bringsUnit(service: Service): boolean {
  return (
    service.package !== null ||
    service.links.some(({ local }) => local !== null && touchesDefinitions(local, []))
  );
}
