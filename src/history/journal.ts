/** What is remembered across restarts: each service's record, every deployment, every mount. Durable when a call returns. */
import { type Deployment, moreTelling } from "../model/deployment/deployment.ts";
import type { Phase } from "../model/deployment/phase.ts";
import { type AbsPath, parseAbsPath } from "../model/path.ts";
import type { KeptDeployment, LastDeployment, ServiceRecord } from "./kept.ts";
import { readDeployment, readRecord, readTrigger } from "./rows.ts";
import type { Write } from "./shared-writes.ts";
import type { StateFile } from "./state-file.ts";

/** What is known of a deployment when it begins. */
export type Cause = Pick<Deployment, "service" | "from" | "to" | "trigger" | "by" | "startedAt">;

export interface Start extends Cause {
  /** What is about to be mounted. The journal has real paths: the way that the config names may lead elsewhere tomorrow. */
  readonly mounts: readonly AbsPath[];
  /** Where the checkout is that is mounted, as its file system and the path there. */
  readonly source?: string;
  /** The phase in which it begins. */
  readonly phase: Phase;
  /** It counts by itself, even where the last one was of the same commit and failed. */
  readonly isNew?: boolean;
}

type Outcome = Pick<Deployment, "result" | "reason" | "failedAt" | "evidence" | "tookMs">;

/** Of each service; older ones are forgotten. */
export const deploymentsKept = 1_000;

/** Of each mount. */
const sourcesMax = 4;

export class Journal {
  readonly #file: StateFile;

  constructor(file: StateFile) {
    this.#file = file;
  }

  records(): ServiceRecord[] {
    return this.#file.sql("SELECT * FROM services ORDER BY service").all().map(readRecord);
  }

  save(record: ServiceRecord): void {
    const { service, commit, origin, links, checkout, store, user } = record;
    const [phase, state] = [JSON.stringify(record.phase), JSON.stringify(record.state)];
    const [changedAt, enabled] = [record.changedAt.getTime(), Number(record.enabled)];
    const save = `
      INSERT OR REPLACE INTO services (service, "commit", origin, phase, links, checkout, store, user, state, changed_at, enabled)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    const row = [service, commit, origin, phase, links, checkout, store, user, state, changedAt, enabled];
    this.#file.sql(save).run(...row);
  }

  /** Forgets a service that left the config; its deployments stay. */
  forget(service: string): void {
    this.#file.sql("DELETE FROM services WHERE service = ?").run(service);
    this.forgetUnfinished(service);
  }

  /** Forgets what of it has begun and not ended. */
  forgetUnfinished(service: string): void {
    this.#file.sql("DELETE FROM host_before WHERE service = ?").run(service);
    this.#file.sql("DELETE FROM deployments WHERE service = ? AND result = 'running'").run(service);
  }

  /** Remembers that a deployment begins; one that was interrupted goes on, and repeating one that has failed is a further try of it. */
  begin(start: Start): number {
    return this.#file.together(() => {
      for (const target of start.mounts) this.#addMount(target, start);
      this.savePhase(start.service, start.phase);
      const last = this.last(start.service);
      const isOver = last?.result === "done" || last?.result === "superseded";
      if (last === null || last.to !== start.to || isOver || start.isNew) return this.#insert(start);
      const trigger = moreTelling(last.trigger, start.trigger);
      const by = trigger === start.trigger ? start.by : last.by;
      this.#file
        .sql(`UPDATE deployments SET result = 'running', failed_at = NULL, output = NULL, journal = NULL,
             trigger = ?, by = ?, tries = tries + ? WHERE id = ?`)
        // What was cut off by the end of the daemon is no try.
        .run(trigger, by, Number(last.result === "failed"), last.id);
      return last.id;
    });
  }

  savePhase(service: string, phase: Phase): void {
    this.#file.sql("UPDATE services SET phase = ? WHERE service = ?").run(JSON.stringify(phase), service);
  }

  #insert({ service, from, to, trigger, by, startedAt }: Start): number {
    const endInterrupted = `UPDATE deployments SET result = 'interrupted', reason = 'the daemon ended' WHERE service = ? AND result = 'running'`;
    this.#file.sql(endInterrupted).run(service);
    const prune = `
      DELETE FROM deployments WHERE service = ? AND id <=
        (SELECT id FROM deployments WHERE service = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`;
    this.#file.sql(prune).run(service, service, deploymentsKept);
    const insert = `INSERT INTO deployments (service, "from", "to", trigger, by, started_at, result) VALUES (?, ?, ?, ?, ?, ?, 'running')`;
    const row = [service, from, to, trigger, by, startedAt.getTime()];
    return Number(this.#file.sql(insert).run(...row).lastInsertRowid);
  }

  /** The deployment's end and the service's new record, both or none. */
  end(id: number, outcome: Outcome, record: ServiceRecord): void {
    const { result, reason, failedAt, evidence, tookMs } = outcome;
    const { output, journal } = evidence ?? { output: null, journal: null };
    const update = `
      UPDATE deployments SET result = ?, reason = ?, failed_at = ?, output = ?, journal = ?, took_ms = ?
        WHERE id = ?`;
    this.#file.together(() => {
      this.#file.sql(update).run(result, reason, failedAt, output, journal, Math.round(tookMs), id);
      this.save(record);
    });
  }

  /** What set it off, and who, with all its tries. */
  causeOf(id: number): Pick<Deployment, "trigger" | "by"> | null {
    const row = this.#file.sql("SELECT trigger, by FROM deployments WHERE id = ?").get(id);
    return row ? { trigger: readTrigger(row.trigger), by: String(row.by) } : null;
  }

  /** The newest deployment of a service; null: there is none. */
  last(service: string): LastDeployment | null {
    const row = this.#file
      .sql(`SELECT id, "to", trigger, by, result FROM deployments WHERE service = ? ORDER BY id DESC LIMIT 1`)
      .get(service) as LastDeployment | undefined;
    return row ? { ...row, trigger: readTrigger(row.trigger) } : null;
  }

  /** How many heals of a service began within a span; its last 1000 deployments are known. */
  heals(service: string, { after, until }: { readonly after: Date; readonly until: Date }): number {
    const count = `
      SELECT count(*) AS heals FROM deployments
        WHERE service = ? AND trigger = 'heal' AND started_at BETWEEN ? AND ?`;
    return Number(this.#file.sql(count).get(service, after.getTime(), until.getTime())?.heals ?? 0);
  }

  /** The ended deployments of a service, newest first; those with an id below `before`, if that is given. */
  deployments(
    service: string,
    page: { readonly before: number | null; readonly limit: number },
  ): KeptDeployment[] {
    const ended =
      "SELECT * FROM deployments WHERE service = ? AND result <> 'running' AND id < ? ORDER BY id DESC LIMIT ?";
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    return this.#file.sql(ended).all(service, before, page.limit).map(readDeployment);
  }

  /** Everything that was mounted for a service and not unmounted, as real paths. */
  mounts(service: string): AbsPath[] {
    const rows = this.#file.sql("SELECT target FROM mounts WHERE service = ? ORDER BY target").all(service);
    return rows.flatMap((row) => parseAbsPath(String(row.target)) ?? []);
  }

  /** Where its checkout was, for all that was mounted for it. */
  sources(service: string): string[] {
    const rows = this.#file.sql("SELECT DISTINCT source FROM mounts WHERE service = ?").all(service);
    return [...new Set(rows.flatMap(({ source }) => String(source).split("\n")))].filter(Boolean);
  }

  removeMount(target: AbsPath): void {
    this.#file.sql("DELETE FROM mounts WHERE target = ?").run(target);
  }

  /** What was mounted there before, from elsewhere, is still there until the new mount replaces it. */
  #addMount(target: AbsPath, { service, source = "" }: Pick<Start, "service" | "source">): void {
    const before = this.#file.sql("SELECT source FROM mounts WHERE target = ?").get(target)?.source ?? "";
    const sources = new Set([...String(before).split("\n"), source].filter(Boolean));
    this.#file
      .sql("INSERT OR REPLACE INTO mounts (target, service, source) VALUES (?, ?, ?)")
      .run(target, service, [...sources].slice(-sourcesMax).join("\n"));
  }

  /** Makes all that `work` writes durable at once. */
  together<T>(work: () => T): T {
    return this.#file.together(work);
  }

  /** The same in one transaction with all others that come in the same turn of the event loop. */
  soon<T>(write: Write<T>): Promise<T> {
    return this.#file.soon(write);
  }
}
