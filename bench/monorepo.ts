/** A large upstream: 100,000 files in 1,000 directories and 20,000 commits, laid out as that of the other measures. */
import { makeUpstream, type Upstream } from "../test/host/upstream.ts";

const topDirectories = 100;
const partsPerTop = 10;
const filesPerPart = 100;
const commits = 20_000;
const committer = "committer A Tester <tester@example.org>";
const startsAtS = 1_600_000_000;

export const monorepoText = `${(topDirectories * partsPerTop * filesPerPart).toLocaleString("en")} files, ${commits.toLocaleString("en")} commits`;

/** Makes it, well packed; `await using` removes it. */
export async function makeMonorepo(): Promise<Upstream> {
  const upstream = await makeUpstream({ files: { "README.md": "# All that we run\n" } });
  await upstream.import(firstCommit());
  await upstream.import(laterCommits());
  await upstream.git("repack", "-a", "-d", "-q", "--write-bitmap-index");
  return upstream;
}

function firstCommit(): string {
  const paths = Array.from({ length: topDirectories * partsPerTop * filesPerPart }, (_, file) =>
    pathOf(file),
  );
  const files = paths.map((path, file) => renderFile(path, file % filesPerPart));
  return `${renderHead(0, "refs/heads/main^0")}${files.join("")}\n`;
}

/** One file each, spread over all directories. */
function laterCommits(): string {
  const all = topDirectories * partsPerTop * filesPerPart;
  const changes = Array.from({ length: commits - 2 }, (_, change) => {
    const path = pathOf((change * 7_919) % all);
    return `${renderHead(change + 1, change === 0 ? "refs/heads/main^0" : null)}${renderFile(path, change % filesPerPart)}\n`;
  });
  return changes.join("");
}

/** git-fast-import(1); a commit follows the one before it where nothing is said. */
function renderHead(number: number, from: string | null): string {
  const message = `change ${number}`;
  const parent = from === null ? "" : `from ${from}\n`;
  return `commit refs/heads/main\n${committer} ${startsAtS + number} +0000\n${data(message)}\n${parent}`;
}

/** Many files have the same content: their number is what counts here, and git is slow to take blobs in. */
function renderFile(path: string, version: number): string {
  return `M 100644 inline ${path}\n${data(`version = ${version}\n`.repeat(20))}\n`;
}

function data(text: string): string {
  return `data ${text.length}\n${text}`;
}

function pathOf(file: number): string {
  const part = Math.floor(file / filesPerPart);
  const top = String(part % topDirectories).padStart(2, "0");
  return `svc${top}/part${Math.floor(part / topDirectories)}/file${String(file % filesPerPart).padStart(2, "0")}.conf`;
}
