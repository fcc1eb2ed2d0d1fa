/** Manual pages in the macros of man(7). */

/** Text in a section: a paragraph, a term with what it means, or lines that stay as they are. */
export type Block =
  | { readonly paragraph: string }
  | { readonly term: string; readonly meaning: string }
  | { readonly heading: string }
  /** Further in. */
  | { readonly nested: readonly Block[] }
  | { readonly lines: readonly string[] };

export interface ManPage {
  readonly name: string;
  readonly section: 1 | 8;
  readonly version: string;
  /** Behind the dash of NAME. */
  readonly summary: string;
  /** Each a line, without the name. */
  readonly synopsis: readonly string[];
  readonly sections: readonly { readonly title: string; readonly blocks: readonly Block[] }[];
  /** Such as `git(1)`. */
  readonly seeAlso: readonly string[];
}

export function renderManPage(page: ManPage): string {
  const { name, section, version, summary, synopsis, sections, seeAlso } = page;
  const lines = [
    `.\\" Made by npm run docs; change what it is made from instead.`,
    `.TH ${name.toUpperCase()} ${section} "" "gitopper ${version}" "Gitopper"`,
    ".SH NAME",
    toTroff(`${name} - ${summary}`),
    ".SH SYNOPSIS",
    ...synopsis.flatMap((words, index) => [
      ...(index === 0 ? [] : [".br"]),
      `.B ${toTroff(name)}`,
      toTroff(words),
    ]),
    ...sections.flatMap(({ title, blocks }) => [
      `.SH ${toTroff(title).toUpperCase()}`,
      ...blocks.flatMap(renderBlock),
    ]),
    ".SH SEE ALSO",
    seeAlso.map((other) => toTroff(other)).join(",\n"),
  ];
  return `${lines.join("\n")}\n`;
}

function renderBlock(block: Block): string[] {
  if ("paragraph" in block) return [".PP", toTroff(block.paragraph)];
  if ("term" in block) return [".TP", `.B ${toTroff(block.term)}`, toTroff(block.meaning)];
  if ("nested" in block) return [".RS", ...block.nested.flatMap(renderBlock), ".RE"];
  if ("heading" in block) return [`.SS ${toTroff(block.heading)}`];
  return [".PP", ".RS 4", ".nf", ...block.lines.map(toTroff), ".fi", ".RE"];
}

/** Hyphens that can be copied; nothing that troff(1) would obey. */
function toTroff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("~", "\\(ti")
    .replaceAll("^", "\\(ha")
    .replace(/^([.'])/gm, "\\&$1")
    .replaceAll(/\s*\n\s*/g, " ");
}
