/** Compares a host with the newest commit. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ServiceRow } from "../../src/api/original-shapes.ts";
import type { TestHost } from "../host/host.ts";
import { type FileSeen, listFiles, mountsAt, readFiles } from "../host/seen.ts";
import { type Churn, churned, type ExpectedMount, expectedMounts } from "./churn.ts";
import { mount } from "./config.ts";

export const stateDir = "/var/lib/gitopper";

/** One line for each thing that is not right. `rows` are what the daemon says; null: it does not run. */
export function differences(
  host: TestHost,
  churn: Churn,
  { rows, head }: { readonly rows: readonly ServiceRow[] | null; readonly head: string },
): string[] {
  return [
    ...(rows === null ? [] : churned.flatMap(({ name }) => rowDifferences(name, rows, head))),
    ...expectedMounts().flatMap((expected) => mountDifferences(host, churn, expected)),
    ...churned.flatMap((service) => {
      const last = lastEvent(host, service.name);
      const content = churn.contentOf(service);
      return last.replace(/^(start|reload) /, "") === content
        ? []
        : [`${service.name} was told "${last}", not "${content}"`];
    }),
    ...(rows === null ? [] : staleLocks(host)),
  ];
}

function rowDifferences(name: string, rows: readonly ServiceRow[], head: string): string[] {
  const row = rows.find(({ service }) => service === name);
  if (row?.hash === head && row.state === "OK" && row.stateinfo === "") return [];
  return [`${name} is ${JSON.stringify(row)}, not OK at ${head}`];
}

function mountDifferences(host: TestHost, churn: Churn, expected: ExpectedMount): string[] {
  const { service, local, link, uid } = expected;
  const roots = mountsAt(host, local);
  const root = `${mount}/${service}/${link}`;
  const wrong =
    roots.length === 1 && roots[0] === root ? [] : [`${local} has mounts ${JSON.stringify(roots)}`];
  return [...wrong, ...fileDifferences(readFiles(host, local), filesBelow(churn, link), { local, uid })];
}

function filesBelow(churn: Churn, link: string): ReadonlyMap<string, string> {
  const found = [...churn.files].filter(([path]) => path === link || path.startsWith(`${link}/`));
  return new Map(found.map(([path, text]) => [path.slice(link.length + 1), text]));
}

function fileDifferences(
  seen: ReadonlyMap<string, FileSeen>,
  wanted: ReadonlyMap<string, string>,
  { local, uid }: { local: string; uid: number },
): string[] {
  return [...new Set([...seen.keys(), ...wanted.keys()])].flatMap((name) => {
    const file = seen.get(name);
    if (file?.text === wanted.get(name) && file?.uid === uid) return [];
    const kind = file === undefined ? "missing" : wanted.has(name) ? "not as it should be" : "too much";
    return [`${local}/${name} is ${kind}${file ? ` (uid ${file.uid}, ${file.text.slice(0, 20)})` : ""}`];
  });
}

function lastEvent(host: TestHost, name: string): string {
  const text = readFiles(host, `/var/log/${name}.events`).get("")?.text ?? "";
  return text.trimEnd().split("\n").at(-1) ?? "";
}

function staleLocks(host: TestHost): string[] {
  const names = listFiles(host, `${stateDir}/stores`);
  return names.filter((name) => name.endsWith(".lock")).map((name) => `${name} is a stale lock`);
}

/** True when the state of a daemon that was killed has a deployment without an end; reads a copy of it. */
export function isCutOff(host: TestHost): boolean {
  const dir = mkdtempSync(join(tmpdir(), "gitopper-state-"));
  try {
    for (const suffix of ["", "-wal"]) {
      const from = join(host.root, stateDir, `state.db${suffix}`);
      if (existsSync(from)) copyFileSync(from, join(dir, `state.db${suffix}`));
    }
    if (!existsSync(join(dir, "state.db"))) return false;
    const db = new DatabaseSync(join(dir, "state.db"));
    const tables = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'deployments'").all();
    const open =
      tables.length === 0 ? [] : db.prepare("SELECT 1 FROM deployments WHERE result = 'running'").all();
    db.close();
    return open.length > 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
