/** Parses which systemctl verb is run for which changes. */
import { isAtOrBelow, type RepoPath } from "../../model/path.ts";
import type { PathAction } from "../../model/service.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import type { ServiceFile } from "../file.ts";
import { createFields } from "./fields.ts";
import { parseAction } from "./values/names.ts";
import { parseLink } from "./values/places.ts";

const pathAdvice = 'give a path of the repository, such as "grafana/dashboards"';

/** `links` are the paths of the service; null: one of them is invalid. */
export function readActions(
  { actions = [], action }: ServiceFile,
  links: readonly (RepoPath | null)[],
  at: Path,
  findings: Findings,
): readonly PathAction[] {
  if (actions.length > 0 && !action)
    findings.add([...at, "actions"], 'goes with an action for everything else; add action = "reload"');
  const sure = links.every((link) => link !== null);
  return actions.flatMap((written, index) => {
    const place = [...at, "actions", index];
    const fields = createFields(written, place, findings);
    const path = fields.required("path", parseLink, pathAdvice);
    const verb = fields.optional("action", parseAction);
    if (path === null) return [];
    if (sure && !links.some((link) => link !== null && isAtOrBelow(path, link)))
      findings.add(
        [...place, "path"],
        `${quote(path)} is in no link of this service; use a link, or a path in one`,
      );
    return [{ path, action: verb }];
  });
}
