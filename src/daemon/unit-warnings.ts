/** What `--check` says of the units of a config, on the host that has them. */
import { existsSync } from "node:fs";
import { createUnitObserver } from "../host/units.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import { cannotReload, renderAdvice } from "../model/unit-name.ts";
import type { Exec } from "../platform/exec.ts";
import { isUnreloadable } from "../rollout/unit.ts";

/** Lines such as `warning: app.service cannot reload …`; none where systemd does not run or does not answer. */
export async function unitWarnings(services: readonly Service[], exec: Exec): Promise<readonly string[]> {
  if (!existsSync("/run/systemd/system")) return [];
  const observe = createUnitObserver(exec);
  try {
    const units = await Promise.all(services.map(({ name }) => observe(name)));
    const wrong = services.filter((service, index) => {
      const unit = units[index];
      return unit !== undefined && isUnreloadable(service, unit);
    });
    return wrong.map(({ name }) => `warning: ${renderAdvice(cannotReload(name))}\n`);
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}
