/** Units that a config names and the host does not have: most are typing errors. */
import { parseShow, showArgv } from "../host/show.ts";
import { touchesDefinitions } from "../host/unit-files.ts";
import type { Service } from "../model/service.ts";
import { type Exec, ExecFailure } from "../platform/exec.ts";

const askTimeoutMs = 10_000;

/** The names of services without a unit; one that a package or the service's own files bring is not missed. */
export async function missingUnits(services: readonly Service[], exec: Exec): Promise<readonly string[]> {
  const needed = services.filter((service) => service.action !== null && !bringsUnit(service));
  if (needed.length === 0) return [];
  const names = needed.map(({ name }) => name);
  try {
    const { stdout } = await exec(showArgv(names), { timeoutMs: askTimeoutMs, env: { TZ: "UTC" } });
    const units = parseShow(stdout);
    return names.filter((_, at) => units[at]?.load === "not-found");
  } catch (error) {
    // Where systemd does not run, as in the CI of a repository, nobody can tell.
    if (error instanceof ExecFailure) return [];
    throw error;
  }
}

function bringsUnit(service: Service): boolean {
  return (
    service.package !== null ||
    service.links.some(({ local }) => local !== null && touchesDefinitions(local, []))
  );
}

export function renderMissing(unit: string): string {
  return `warning: ${unit}: this host has no such unit; correct "service", or install what brings it`;
}
