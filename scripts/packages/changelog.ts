/** CHANGELOG.md, which Keep a Changelog describes, as a changelog of Debian (deb-changelog(5)). */
import { debianVersion } from "./options.ts";

interface Release {
  readonly version: string;
  /** `2026-11-28`. */
  readonly day: string;
  readonly changes: readonly string[];
}

export interface ChangelogOptions {
  /** The version that is built. */
  readonly version: string;
  readonly maintainer: string;
  /** The day of a version that CHANGELOG.md does not have: one of a test. */
  readonly epoch: number;
}

const widthMax = 78;

/** The releases, newest first, from the version that is built on. */
export function renderChangelog(markdown: string, { version, maintainer, epoch }: ChangelogOptions): string {
  const releases = parseReleases(markdown);
  const at = releases.findIndex((release) => release.version === version);
  const today = new Date(epoch * 1000).toISOString().slice(0, 10);
  const built =
    at === -1 ? [{ version, day: today, changes: ["A build for tests."] }, ...releases] : releases.slice(at);
  return built.map((release) => renderRelease(release, maintainer)).join("\n");
}

export function parseReleases(markdown: string): Release[] {
  const [, ...sections] = markdown.split(/^## /m);
  return sections.flatMap((section) => {
    const [, version, day] = /^\[([^\]]+)\] - (\d{4}-\d\d-\d\d)$/m.exec(section) ?? [];
    return version === undefined || day === undefined ? [] : [{ version, day, changes: parseItems(section) }];
  });
}

/** The items of lists; a line that is indented continues its item. */
function parseItems(section: string): string[] {
  const [, ...items] = section.split(/^- /m);
  return items.map((item) => {
    const [text = ""] = item.split(/\n(?! )/);
    return text.replaceAll(/\s+/g, " ").trim();
  });
}

function renderRelease({ version, day, changes }: Release, maintainer: string): string {
  const items = changes.flatMap((change) => wrap(change, widthMax - 4).map(indent));
  const date = new Date(`${day}T00:00:00Z`).toUTCString().replace("GMT", "+0000");
  return [
    `gitopper (${debianVersion(version)}) stable; urgency=medium`,
    "",
    ...items,
    "",
    ` -- ${maintainer}  ${date}`,
    "",
  ].join("\n");
}

function indent(line: string, index: number): string {
  return index === 0 ? `  * ${line}` : `    ${line}`;
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
