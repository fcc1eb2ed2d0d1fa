/** debian/copyright in the form of DEP-5: the licences of all that is in the package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./build.ts";
import { type Locked, lockedLibraries } from "./lock.ts";

const apache = "On Debian systems, the text is in /usr/share/common-licenses/Apache-2.0.";
const apacheText = /^ *Apache License\n *Version 2\.0, January 2004\n[\s\S]*?END OF TERMS AND CONDITIONS$/gm;

/** `nodeLicense` is node's own file, which has the licences of all that node contains. */
export function renderCopyright(nodeLicense: string): string {
  const stanzas = [
    [
      field("Format", "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"),
      field("Upstream-Name", "gitopper"),
    ],
    [field("Files", "*"), field("Copyright", "2026 the gitopper authors"), license("Apache-2.0", apache)],
    ...lockedLibraries().map(renderLibrary),
    [
      field("Files", "usr/lib/gitopper/node"),
      field("Copyright", "Node.js contributors, Joyent, Inc. and other Node contributors"),
      field("Comment", "The licence has the licences and the authors of all libraries that node contains."),
      license("Expat and others", nodeLicense.replaceAll(apacheText, apache)),
    ],
  ];
  return `${stanzas.map((fields) => fields.join("\n")).join("\n\n")}\n`;
}

function renderLibrary(library: Locked): string[] {
  const text = readFileSync(licenseFile(library), "utf8");
  const name = licenseOf(library);
  return [
    field("Files", `${library.path}/*`),
    field("Copyright", copyrightOf(text, library)),
    field("Comment", `${library.name} ${library.version} is in the programs, usr/lib/gitopper/dist/*.cjs.`),
    license(name === "MIT" ? "Expat" : name, name === "Apache-2.0" ? apache : text),
  ];
}

/** @throws Error when there is none: a package without a licence must not be shipped */
function licenseFile({ path, name }: Locked): string {
  const file = readdirSync(join(repository, path)).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${name} has no LICENSE; it cannot be packaged`);
  return join(repository, path, file);
}

/** The SPDX identifier; older packages have a list. */
export function licenseOf({ path }: Locked): string {
  const { license, licenses } = JSON.parse(readFileSync(join(repository, path, "package.json"), "utf8"));
  return license ?? licenses[0].type;
}

/** The lines of the licence that name the owners, or else the authors. */
function copyrightOf(text: string, { path, name }: Locked): string {
  const lines = [...text.matchAll(/^\s*copyright (?:\(c\)|©|\d).*$/gim)].map(([line]) => line.trim());
  if (lines.length > 0) return [...new Set(lines)].join("\n           ");
  const { author } = JSON.parse(readFileSync(join(repository, path, "package.json"), "utf8"));
  return (typeof author === "string" ? author : author?.name) ?? `the authors of ${name}`;
}

function field(name: string, value: string): string {
  return `${name}: ${value}`;
}

/** Each line of a text is indented; an empty one is a dot. */
function license(name: string, text: string): string {
  const lines = text.trimEnd().replaceAll("\t", "    ").split(/\r?\n/);
  return [
    `License: ${name}`,
    ...lines.map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`)),
  ].join("\n");
}
