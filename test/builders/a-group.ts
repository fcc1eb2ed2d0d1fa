/** A group of services in memory, for tests of polls and repairs: no git, no disk. */
import type { Entry } from "../../src/git/history/trees.ts";
import type { Store } from "../../src/git/types.ts";
import type { ServiceRecord } from "../../src/history/kept.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { Phase } from "../../src/model/deployment/phase.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import type { Service } from "../../src/model/service.ts";
import type { Hold } from "../../src/model/state.ts";
import { createLog, type Log } from "../../src/platform/log.ts";
import type { History } from "../../src/reconcile/history-reader.ts";
import type { ManagedService } from "../../src/reconcile/managed-service.ts";
import type { Move } from "../../src/reconcile/record-change.ts";
import { initialState, next, type StateEvent } from "../../src/rollout/next.ts";
import { aService } from "./observed.ts";

/** A commit of one repeated hex digit. */
export const commitOf = (digit: string) => digit.repeat(40) as Commit;

export const account = { name: "root", uid: 0, gid: 0, home: "/root" };
export const store: Store = {
  path: "/state/stores/config-1" as AbsPath,
  upstream: "https://example.com/config",
  account,
};

export const aHold: Hold = {
  kind: "freeze",
  commit: null,
  by: "ops",
  reason: "",
  since: new Date(0),
  until: null,
};

/** Service `name` with the one link `<name>/etc`. */
export const named = (name: string, changes: Partial<Service> = {}): Service =>
  aService({
    name,
    checkout: `/srv/${name}` as AbsPath,
    links: [{ local: null, link: `${name}/etc` as RepoPath, file: false }],
    ...changes,
  });

/** What each commit has at which link, as an object id; a commit that is absent is not in the store. */
export type Contents = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A history that answers from a table, and counts the restarts of its reader. */
export function aHistory(contents: Contents = {}) {
  const restarts = { count: 0 };
  const entries = async (commit: Commit) => {
    const at = contents[commit];
    if (at === undefined) throw new Error(`no ${commit}`);
    const entry = (path: string, id: string): Entry => ({ kind: "directory", id, mode: "040000", path });
    return new Map(Object.entries(at).map(([path, id]) => [path, entry(path, id)]));
  };
  const restart = () => {
    restarts.count += 1;
  };
  const reader = { restart };
  return { history: { entries, reader } as Partial<Record<keyof History, unknown>> as History, restarts };
}

export function aManaged(service: Service, history: History = aHistory().history): ManagedService {
  return { service, account, store, history } as ManagedService;
}

/** Keeps the records of services, as `Records` does. */
export class FakeRecords {
  readonly #records = new Map<string, ServiceRecord>();
  readonly moves: Move[] = [];

  /** A service that has this commit, deployed without a fault. */
  deployed(service: string, commit: Commit | null, changes: Partial<ServiceRecord> = {}): this {
    const places = { checkout: `/srv/${service}` as AbsPath, store: store.path, user: "root" };
    const record = { service, commit, origin: "", links: "", ...places, state: initialState };
    const phase: Phase = { at: "verified", head: commit };
    this.#records.set(service, { ...record, phase, changedAt: new Date(0), enabled: false, ...changes });
    return this;
  }

  /** A deployment of the service to this commit was interrupted. */
  interrupted(service: string, to: Commit): this {
    const phase: Phase = { at: "publishing", to, result: "running" };
    this.#records.set(service, { ...this.get(service), phase });
    return this;
  }

  get(service: string): ServiceRecord {
    const record = this.#records.get(service);
    if (record === undefined) throw new Error(`no record of ${service}`);
    return record;
  }

  apply(service: string, event: StateEvent): void {
    const record = this.get(service);
    this.#records.set(service, { ...record, state: next(record.state, event) });
  }

  moved(moves: readonly Move[]): void {
    this.moves.push(...moves);
    for (const { service, commit } of moves) this.#records.set(service, { ...this.get(service), commit });
  }
}

/** A log that keeps its lines. */
export function aLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  return { log: createLog({ debug: true }, (line) => lines.push(line.trimEnd())), lines };
}
