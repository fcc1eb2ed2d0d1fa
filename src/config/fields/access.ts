/** Parses mode and group of a link. */
import type { LinkAccess } from "../../model/service.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import type { DirFile } from "../file.ts";
import { createFields } from "./fields.ts";
import { groupThat } from "./values/names.ts";
import { accept, type Parsed, refuse } from "./values/parsed.ts";

/** Undefined: the config sets neither. `groupExists` is called when the host has to have the group. */
export function readAccess(
  file: Pick<DirFile, "mode" | "group">,
  groupExists: (name: string) => boolean,
  at: Path,
  findings: Findings,
): LinkAccess | undefined {
  const fields = createFields(file, at, findings);
  const mode = fields.optional("mode", parseMode);
  const group = fields.optional("group", groupThat(groupExists));
  return mode === null && group === null ? undefined : { mode, group };
}

/** Git keeps the executable bits, and has to be able to read the files. */
function parseMode(text: string): Parsed<number> {
  const example = 'such as "0640"';
  if (!/^0?[0-7]{3}$/.test(text))
    return refuse(`${quote(text)} is not a mode of files; use three or four octal digits, ${example}`);
  const mode = Number.parseInt(text, 8);
  if ((mode & 0o111) !== 0)
    return refuse(
      `${quote(text)} has execute bits; git says which files can be executed: use a mode without them, ${example}`,
    );
  if ((mode & 0o400) === 0)
    return refuse(
      `${quote(text)} keeps the owner from reading; use a mode that starts with 4 or 6, ${example}`,
    );
  return accept(mode);
}
