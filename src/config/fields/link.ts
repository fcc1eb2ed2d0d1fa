/** Parses one `[[services.dirs]]` entry: a link, its place on the host, and its mode and group. */
import type { Link, LinkAccess } from "../../model/service.ts";
import { quote } from "../errors/finding.ts";
import type { DirFile } from "../file.ts";
import type { Table } from "./table.ts";
import { groupThat } from "./values/names.ts";
import { accept, type Parsed, refuse } from "./values/parsed.ts";
import { parseLink, parseLocal } from "./values/places.ts";

/** A link as far as it was readable; null: invalid, and reported. */
export type LinkDraft = Omit<Link, "link"> & { readonly link: Link["link"] | null };

/** `groupExists` is called when the host has to have the group. */
export function readLink(dir: Table<DirFile>, groupExists: (name: string) => boolean): LinkDraft {
  const local = dir.optional("local", parseLocal);
  const link = dir.required("link", parseLink, 'give the path in the repository, such as "grafana/etc"');
  const file = dir.file.file ?? false;
  if (link === "." && file)
    dir.report("link", `"." is the repository's root, not a file; name a file or drop "file = true"`);
  const access = readAccess(dir, groupExists);
  return { local, link, file, ...(access && { access }) };
}

/** Null: the config sets neither mode nor group. */
function readAccess(dir: Table<DirFile>, groupExists: (name: string) => boolean): LinkAccess | null {
  const mode = dir.optional("mode", parseMode);
  const group = dir.optional("group", groupThat(groupExists));
  return mode === null && group === null ? null : { mode, group };
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
