/** Renders what `adopt` has done, and what comes next. Pure. */
import type { Adopted } from "../../../adopt/adopt.ts";
import type { AdoptedEdits } from "../../../adopt/drift.ts";
import type { Published } from "../../../adopt/repository/publish.ts";
import { showPath } from "../../../model/text/path-bytes.ts";
import type { Display, Result } from "../../cli/definition.ts";
import { roomBeside, visible, visibleLines, wrap } from "../../output/visible.ts";

const listedMax = 50;

export function renderAdopted(adopted: Adopted, display: Display): Result {
  const { service, taking, entry, differences, published, config } = adopted;
  const paths = taking.roots.map(({ path }) => showPath(path)).join(", ");
  const lines = [
    ...paragraph(
      `${service}: ${count(taking.taken.length, "file")} of ${paths} ${whereIs(published)}.`,
      display,
    ),
    ...list("Left out, and not hidden by a mount:", taking.leftOut.map(reasonOf), display),
    ...list(
      "Mounted one by one; a new file there needs an entry of its own:",
      taking.split.map(reasonOf),
      display,
    ),
    ...list("Notes:", notesOf(adopted), display),
    "",
    ...paragraph(entryIs(adopted, config.path), display),
    "",
    ...visibleLines(entry),
    "",
    ...planLines(differences, display),
    "",
    ...nextLines(adopted, display),
  ];
  const json = JSON.stringify({
    ...{ service, entry, leftOut: taking.leftOut, split: taking.split, differences },
    ...{ written: adopted.written, ...jsonOf(published) },
  });
  return { shown: { text: `${lines.join("\n")}\n` }, json, ...(differences.length > 0 && { status: 3 }) };
}

export function renderEdits(adopted: AdoptedEdits, note: string, display: Display): Result {
  const { service, changes, leftOut, published } = adopted;
  const files = changes.map(({ path, to }) => `${showPath(path)}${to === null ? " (removed)" : ""}`);
  const lines = [
    ...paragraph(
      `${service}: the local edits of ${count(files.length, "file")} ${whereIs(published)}.`,
      display,
    ),
    ...list("Taken:", files, display),
    ...list("Left out:", leftOut.map(reasonOf), display),
    "",
    "Next:",
    ...reviewLines(published),
    ...item(`merge it into ${published.into}: the drift ends with the next poll`, display),
  ];
  const json = JSON.stringify({ service, taken: files, leftOut, ...jsonOf(published) });
  return { shown: { text: `${lines.join("\n")}\n` }, json, note: visible(note) };
}

/** Where edits are that a deployment has overwritten, and how to keep the newest ones; empty: there are none. */
export function renderSaved(saved: readonly string[]): string {
  const newest = saved.findLast((path) => path.endsWith(".patch")) ?? saved.at(-1);
  if (newest === undefined) return "";
  const [, directory = "", base] = /^(.*)\/[^/]*-([0-9a-f]{8})\.patch$/.exec(newest) ?? [];
  if (base === undefined) return `edits that were overwritten are in ${quoted(newest)}`;
  const apply = `git switch --create keep-edits ${base} && git apply --index ${quoted(newest)}`;
  return `edits that were overwritten are in ${quoted(directory)}; to keep the newest, in a clone: ${apply}`;
}

function jsonOf({ clone, branch, commit, patch, pushed }: Published) {
  return { clone, branch: patch === null ? branch : null, commit, patch, pushed: pushed === true };
}

function whereIs({ patch, commit, branch, clone, isNewClone }: Published): string {
  if (patch !== null) return `are in the patch ${patch}`;
  const where = `on the branch ${branch} of ${isNewClone ? "the new clone " : ""}${clone}`;
  return `are in commit ${commit.slice(0, 8)}, ${where}`;
}

function entryIs({ written, published }: Adopted, path: string): string {
  if (written === "commit") return `This entry is in the commit too, in ${published.configAt}:`;
  return written === "config" ? `This entry is in ${path} now:` : `An entry for ${path}:`;
}

function notesOf({ known, unit, taking, service, published, config }: Adopted): string[] {
  const isPlaceholder = ({ kind }: { kind: string }) => kind === "directory";
  const empty = taking.taken.filter(({ entry }) => isPlaceholder(entry));
  const readable = taking.taken.filter(({ entry }) => entry.kind === "file" && (entry.mode & 0o004) === 0);
  const user = taking.names.users.get(taking.uid)?.name ?? "root";
  return [
    ...empty.map(
      ({ entry }) =>
        `${showPath(entry.path)} is empty, and gets a .gitkeep, because git has no empty directories`,
    ),
    ...readable.map(
      ({ entry }) => `${showPath(entry.path)} is not readable for everyone: read it before you push it`,
    ),
    ...(user === "root"
      ? []
      : [`the files belong to ${user}, so git runs as ${user} and needs its credentials`]),
    ...(unit.exists ? [] : [`the host has no unit ${service}`]),
    ...(known === null ? [`gitopper does not know ${service}: look for a check and a probe that fit`] : []),
    ...(known?.note === undefined ? [] : [known.note]),
    ...(config.text === null
      ? [`there is no ${config.path} yet; the entry needs a [global] with upstream and mount`]
      : []),
    ...(typeof published.pushed === "string" ? [published.pushed] : []),
  ];
}

function planLines(differences: readonly string[], display: Display): string[] {
  if (differences.length === 0) return ["plan: nothing would change"];
  return list(`plan: ${count(differences.length, "difference")} to the host:`, differences, display).slice(1);
}

function nextLines({ published, written, config }: Adopted, display: Display): string[] {
  const add = written === null ? [`add the entry to ${config.path}`] : [];
  return [
    "Next:",
    ...reviewLines(published),
    ...item(`merge it into ${published.into}`, display),
    ...add.flatMap((text) => item(text, display)),
    `  gitopper --check -c ${quoted(config.path)} && systemctl reload gitopper`,
  ];
}

function reviewLines({ clone, branch, patch, pushed }: Published): string[] {
  if (patch !== null) return visibleLines(`  git am ${quoted(patch)}, in a clone`);
  const git = `  git -C ${quoted(clone ?? ".")}`;
  return visibleLines(
    [`${git} show ${branch}`, ...(pushed === true ? [] : [`${git} push origin ${branch}`])].join("\n"),
  );
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function reasonOf({ path, why }: { readonly path: string; readonly why: string }): string {
  return `${showPath(path)}: ${why}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function list(heading: string, items: readonly string[], display: Display): string[] {
  if (items.length === 0) return [];
  const more = items.length > listedMax ? [`  and ${items.length - listedMax} more`] : [];
  return ["", heading, ...items.slice(0, listedMax).flatMap((text) => item(text, display)), ...more];
}

function item(text: string, display: Display): string[] {
  const [first = "", ...others] = wrap(visible(text), roomBeside(4, display));
  return [`  ${first}`, ...others.map((line) => `    ${line}`)];
}

function paragraph(text: string, display: Display): string[] {
  return wrap(visible(text), roomBeside(0, display));
}
