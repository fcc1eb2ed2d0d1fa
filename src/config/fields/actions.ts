/** Parses which systemctl verb is run for which changes. */
import { isAtOrBelow, type RepoPath } from "../../model/path.ts";
import type { PathAction } from "../../model/service.ts";
import { quote } from "../errors/finding.ts";
import type { ServiceFile } from "../file.ts";
import type { Table } from "./table.ts";
import { parseAction } from "./values/names.ts";
import { parseLink } from "./values/places.ts";

const pathAdvice = 'give a path of the repository, such as "grafana/dashboards"';

/** `links` are the paths of the service; null: one of them is invalid. */
export function readActions(
  service: Table<ServiceFile>,
  links: readonly (RepoPath | null)[],
): readonly PathAction[] {
  const actions = service.tables("actions");
  if (actions.length > 0 && !service.file.action)
    service.report("actions", 'goes with an action for everything else; add action = "reload"');
  const sure = links.every((link) => link !== null);
  return actions.flatMap((table) => {
    const path = table.required("path", parseLink, pathAdvice);
    const action = table.optional("action", parseAction);
    if (path === null) return [];
    if (sure && !links.some((link) => link !== null && isAtOrBelow(path, link)))
      table.report("path", `${quote(path)} is in no link of this service; use a link, or a path in one`);
    return [{ path, action }];
  });
}
