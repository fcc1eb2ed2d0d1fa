/** What people decide about a service: freeze, unfreeze, pull, roll back. */
import type { Answer, Host } from "../api/host.ts";
import { deploymentsKept } from "../history/journal.ts";
import { type Commit, shortCommit } from "../model/commit.ts";
import { Problem, Refusal } from "../model/problem.ts";
import { holdOf, infoOf, isReleased } from "../model/state.ts";
import { renderInstant } from "../model/text/instant.ts";
import { maskSecrets } from "../model/text/mask.ts";
import type { Clock } from "../platform/clock.ts";
import { assertLinks, assertModes } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { throughTheGates } from "../reconcile/reconcile-request.ts";
import type { Records } from "../reconcile/records.ts";
import { askGates, type Gate } from "../rollout/gates/gate.ts";
import { headOf } from "../rollout/phase.ts";
import type { GroupReconciles } from "../sync/queue/group-reconciles.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";
import type { Targets } from "./targets.ts";

type Loop = Pick<UpstreamLoop, "enqueue" | "requestPoll" | "managed"> & {
  readonly reconciles: Pick<GroupReconciles, "supersede">;
};

export interface CommandPorts {
  readonly records: Pick<Records, "get" | "apply" | "clearBadCommits" | "deployments">;
  readonly targets: Pick<Targets, "find" | "verify">;
  readonly gates: readonly Gate[];
  readonly clock: Clock;
}

const done = (message: string): Answer => ({ ok: true, message });
const refused = (message: string): Answer => ({ ok: false, why: "refused", message });

const released = "it is released; unfreeze it to manage it again";

const freezeMaxMs = 10 * 366 * 86_400_000;

/** Freezes the service at the commit that it has, until an instant or an unfreeze; durable when it returns. */
export function freeze(
  loop: Loop,
  service: string,
  { by, reason, until }: Parameters<Host["freeze"]>[1],
  { records, clock }: Omit<CommandPorts, "targets">,
): Answer {
  const at = clock.now();
  const fault = until === null ? "" : faultOf(until, at);
  if (fault) return refused(`Cannot freeze ${service}: ${fault}`);
  const before = records.get(service).state;
  if (isReleased(before)) return refused(`Cannot freeze ${service}: ${released}`);
  records.apply(service, { type: "freeze", by, reason: maskSecrets(reason), until, at });
  const { state } = records.get(service);
  if (holdOf(before) !== null) {
    const info = infoOf(state);
    const held = state === before ? `${service} is frozen already` : `${service} stays frozen`;
    return done(info ? `${held}: ${info}` : held);
  }
  loop.reconciles.supersede(service, "a freeze");
  // What it has now stays; the reconcile says so in its state if it had not settled.
  loop.enqueue(service, "poll");
  const end = until === null ? "you unfreeze it" : `${renderInstant(until)}, or you unfreeze it`;
  return done(`${service} is frozen: it ignores its upstream until ${end}`);
}

function faultOf(until: Date, now: Date): string {
  const ms = until.getTime() - now.getTime();
  if (Number.isNaN(ms)) return "there is no such time; give one such as 2026-11-25T10:00:00Z";
  if (ms <= 0) return `${renderInstant(until)} is past; give a time to come`;
  return ms > freezeMaxMs ? "that is more than 10 years away; freeze it without a time" : "";
}

/** The service follows its upstream again, and its upstream is polled now. */
export function unfreeze(
  loop: Loop,
  service: string,
  by: string,
  ports: Omit<CommandPorts, "targets">,
): Answer {
  const { records } = ports;
  const held = holdOf(records.get(service).state) !== null;
  records.apply(service, { type: "unfreeze" });
  if (held) loop.reconciles.supersede(service, "an unfreeze");
  loop.requestPoll(service, "unfreeze", { ...throughTheGates, by });
  if (!held) return done(`${service} is not frozen; it polls its upstream now`);
  return done(`${service} tracks its upstream again${gatesNow(service, ports)}`);
}

/**
 * Polls the upstream now. `overrideWindow`: a new commit is deployed outside of windows too. `again`: also a
 * commit that was refused or rolled back before.
 */
export function pull(
  loop: Loop,
  service: string,
  { overrideWindow, again, by, reason }: Parameters<Host["pull"]>[1],
  ports: Omit<CommandPorts, "targets">,
): Answer {
  const { records } = ports;
  const { state } = records.get(service);
  if (isReleased(state)) return refused(`Cannot pull ${service}: ${released}`);
  if (holdOf(state) !== null) return refused(`${service} is frozen; unfreeze it to pull`);
  if (again) records.clearBadCommits(service);
  loop.requestPoll(service, "pull", { overrideWindow, by, reason: maskSecrets(reason) });
  return done(`${service} polls its upstream now${overrideWindow ? "" : gatesNow(service, ports)}`);
}

/** The service goes to a commit of its branch's history and stays there; the decision is durable when it resolves. */
export async function rollback(
  loop: Loop,
  service: string,
  { by, reason, hash }: Parameters<Host["rollback"]>[1],
  ports: CommandPorts,
): Promise<Answer> {
  const { records, targets, clock } = ports;
  const managed = loop.managed(service);
  if (managed === undefined) return refused(`${service} has not been set up yet`);
  if (isReleased(records.get(service).state)) return refused(`Cannot roll back ${service}: ${released}`);
  try {
    const commit = await targets.find(managed, hash.toLowerCase());
    await assertLinks(managed, commit);
    if (!wasDeployed(service, commit, records)) await assertFit(managed, commit, ports);
    const decided = { by, reason: maskSecrets(reason), at: clock.now() };
    records.apply(service, { type: "rollback", to: commit, ...decided });
    loop.reconciles.supersede(service, "a rollback");
    loop.enqueue(service, "rollback", { ...throughTheGates, by: decided.by, reason: decided.reason });
    return done(`${service} goes to ${shortCommit(commit)} and stays there until you unfreeze it`);
  } catch (error) {
    if (error instanceof Problem) return refused(error.message);
    throw error;
  }
}

/** @throws Problem */
async function assertFit(
  managed: ManagedService,
  commit: Commit,
  { records, targets }: CommandPorts,
): Promise<void> {
  try {
    await assertModes(managed, commit, headOf(records.get(managed.service.name).phase));
    await targets.verify(managed, commit);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const what = `Cannot take "${managed.service.name}" to ${shortCommit(commit)}`;
    throw new Problem("git", `${what}: ${error.message}`, { cause: error });
  }
}

/** A commit that the service had once was good enough for it then, signed or not. */
function wasDeployed(service: string, commit: Commit, records: CommandPorts["records"]): boolean {
  const known = records.deployments(service, { before: null, limit: deploymentsKept });
  return known.some(({ to, result }) => to === commit && result === "done");
}

/** Says so when a new commit would have to wait. */
function gatesNow(service: string, { gates, clock }: Pick<CommandPorts, "gates" | "clock">): string {
  const answer = askGates(gates, service, clock.now());
  if (answer.open) return "";
  const until = answer.opensAt === null ? "" : ` until ${renderInstant(answer.opensAt)}`;
  return `; a new commit waits for ${answer.why}${until}`;
}
