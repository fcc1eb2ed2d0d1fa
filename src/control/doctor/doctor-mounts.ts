/** Checks that the files of all services are mounted. */

import type { DoctorCheck } from "../../api/shapes.ts";
import { bindsOf, type MountTable, observeBind } from "../../host/mounts/mounts.ts";
import type { Records } from "../../reconcile/records.ts";
import type { UpstreamLoop } from "../../sync/upstream-loop.ts";
import type { Aside } from "../aside.ts";
import { bad, ok } from "./doctor.ts";
import { isUndeployed } from "./doctor-services.ts";

export interface MountPorts {
  readonly records: Pick<Records, "get">;
  readonly mountTable: () => MountTable;
  /** Services whose single files are unmounted for a time. */
  readonly aside: Pick<Aside, "has" | "words">;
}

export function checkMounts(
  loops: readonly UpstreamLoop[],
  { records, mountTable, aside }: MountPorts,
): readonly DoctorCheck[] {
  const table = mountTable();
  const all = loops.flatMap(({ group }) => group.services);
  const services = all.filter(({ name }) => !isUndeployed(records.get(name)));
  const those = services.filter(({ name }) => aside.has(name));
  const binds = services.flatMap((service) => {
    const links = those.includes(service) ? service.links.filter(({ file }) => !file) : service.links;
    return bindsOf(service, links).map((bind) => ({ name: service.name, bind }));
  });
  const away = those.map(({ name }) =>
    bad("mounts", `${name}: ${aside.words(name)}`, "nothing, while a package is replaced", "warning"),
  );
  const wrong = binds.flatMap(({ name, bind }) => {
    try {
      return observeBind(bind, table) === "mounted" ? [] : [`${bind.target} of ${name} is not mounted`];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  if (wrong.length === 0) return [ok("mounts", `${binds.length} as they should be`), ...away];
  return [
    ...wrong.map((detail) => bad("mounts", detail, "see the state of the service; a pull tries again")),
    ...away,
  ];
}
