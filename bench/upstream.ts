/** The upstream of the bench: 21,000 files in 700 directories, 200 commits, well packed. */
import { makeUpstream, type Upstream } from "../test/host/upstream.ts";

const serviceDirectories = 70;
const partsPerService = 10;
const filesPerPart = 30;
const commits = 200;

/** What the upstream of the bench is like, for people. */
export const upstreamText = `${(serviceDirectories * partsPerService * filesPerPart).toLocaleString("en")} files in ${
  serviceDirectories * partsPerService
} directories, ${commits} commits`;

/** The directory that the service of this number watches; below 700 no two share one. */
export function linkOf(service: number): string {
  return `svc${twoDigits(service % serviceDirectories)}/part${Math.floor(service / serviceDirectories)}`;
}

/** Makes it; `await using` or `dispose()` removes it. */
export async function makeBenchUpstream(): Promise<Upstream> {
  const upstream = await makeUpstream({ files: firstFiles() });
  for (let commit = 1; commit < commits; commit++) {
    const file = `${linkOf(commit % (serviceDirectories * partsPerService))}/file00.conf`;
    await upstream.commit({ [file]: renderFile(file, commit) });
  }
  await upstream.git("repack", "-a", "-d", "-q", "--write-bitmap-index");
  return upstream;
}

function firstFiles(): Record<string, string> {
  const files: Record<string, string> = { "README.md": "# Configuration of all hosts\n" };
  for (let part = 0; part < serviceDirectories * partsPerService; part++) {
    for (let file = 0; file < filesPerPart; file++) {
      const path = `${linkOf(part)}/file${twoDigits(file)}.conf`;
      files[path] = renderFile(path, 0);
    }
  }
  return files;
}

/** About 400 bytes, different in every file. */
function renderFile(path: string, version: number): string {
  const lines = Array.from(
    { length: 10 },
    (_, line) => `setting_${line} = "${path} ${version} ${line * 7919}"`,
  );
  return `# ${path}\n${lines.join("\n")}\n`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
