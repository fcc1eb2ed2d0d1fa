/** Records of services in memory: states change as they do in the daemon, and nothing is written. */
import type { Start } from "../../src/history/journal.ts";
import type { KeptDeployment, ServiceRecord } from "../../src/history/kept.ts";
import type { Commit } from "../../src/model/commit.ts";
import { noFiles } from "../../src/model/deployment/phase.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { initialState, next, type StateEvent } from "../../src/rollout/next.ts";

const at = new Date("2026-11-24T12:00:00Z");

export function aRecord(service: string, changes: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    service,
    commit: null,
    origin: "",
    phase: noFiles,
    links: "",
    checkout: `/srv/${service}` as AbsPath,
    store: "/var/lib/gitopper/stores/config" as AbsPath,
    user: "root",
    state: initialState,
    changedAt: at,
    enabled: false,
    ...changes,
  };
}

export function aDeployment(to: Commit, changes: Partial<KeptDeployment> = {}): KeptDeployment {
  return {
    ...{ id: 1, tries: 1, service: "app", from: null, to, trigger: "poll", by: "", result: "done" },
    ...{ reason: "", failedAt: null, evidence: null, startedAt: at, tookMs: 1_000 },
    ...changes,
  };
}

interface Kept {
  readonly records: readonly ServiceRecord[];
  readonly deployments?: readonly KeptDeployment[];
  readonly mounts?: readonly AbsPath[];
  /** A begin fails with it. */
  readonly beginFails?: Error;
}

/** `began` and `cleared` have what was written. */
export class FakeRecords {
  readonly began: Start[] = [];
  readonly cleared: string[] = [];
  readonly #kept: Kept;
  readonly #records: Map<string, ServiceRecord>;

  constructor(kept: Kept) {
    this.#kept = kept;
    this.#records = new Map(kept.records.map((record) => [record.service, record]));
  }

  get(service: string): ServiceRecord {
    const record = this.#records.get(service);
    if (record === undefined) throw new Error(`No record of service ${service}`);
    return record;
  }

  apply(service: string, event: StateEvent): void {
    const record = this.get(service);
    this.#records.set(service, { ...record, state: next(record.state, event) });
  }

  deployments(): readonly KeptDeployment[] {
    return this.#kept.deployments ?? [];
  }

  mounts(): readonly AbsPath[] {
    return this.#kept.mounts ?? [];
  }

  async begin(start: Start): Promise<number> {
    if (this.#kept.beginFails) throw this.#kept.beginFails;
    this.began.push(start);
    return this.began.length;
  }

  beginUnwritten({ service, phase }: Start): void {
    this.#records.set(service, { ...this.get(service), phase });
  }

  clearBadCommits(service: string): void {
    this.cleared.push(service);
  }
}
