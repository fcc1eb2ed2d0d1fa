/** What people decide about a service: freeze, let go, pull, roll back. */
import type { Answer, Host } from "../api/host.ts";
import { deploymentsKept } from "../history/journal.ts";
import { type Commit, shortCommit } from "../model/commit.ts";
import { Problem, Refusal } from "../model/problem.ts";
import { holdOf, infoOf } from "../model/state.ts";
import { renderInstant } from "../model/text/instant.ts";
import { maskSecrets } from "../model/text/mask.ts";
import type { Context } from "../reconcile/context.ts";
import { assertLinks, assertModes } from "../reconcile/links.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { throughTheGates } from "../reconcile/reconcile-request.ts";
import { findCommit } from "../reconcile/target/find-commit.ts";
import { verifySignature } from "../reconcile/target/verify-signatures.ts";
import { askGates } from "../rollout/gates/gate.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

const done = (message: string): Answer => ({ ok: true, message });
const refused = (message: string): Answer => ({ ok: false, why: "refused", message });

const freezeMaxMs = 10 * 366 * 86_400_000;

/** Freezes the service at what it has, until an instant or an unfreeze; durable when it answers. */
export function freeze(
  loop: UpstreamLoop,
  service: string,
  { by, reason, until }: Parameters<Host["freeze"]>[1],
  { records, clock }: Context,
): Answer {
  const at = clock.now();
  const fault = until === null ? "" : faultOf(until, at);
  if (fault) return refused(`Cannot freeze ${service}: ${fault}`);
  const before = records.get(service).state;
  records.apply(service, { type: "freeze", by, reason: maskSecrets(reason), until, at });
  const { state } = records.get(service);
  if (holdOf(before) !== null) {
    const info = infoOf(state);
    const held = state === before ? `${service} is frozen already` : `${service} stays frozen`;
    return done(info ? `${held}: ${info}` : held);
  }
  loop.running.supersede(service, "a freeze");
  // What it has now stays, and the state says so where it had not settled.
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

/** The service follows its upstream again, which is looked at now. */
export function unfreeze(loop: UpstreamLoop, service: string, by: string, context: Context): Answer {
  const { records } = context;
  const held = holdOf(records.get(service).state) !== null;
  records.apply(service, { type: "unfreeze" });
  if (held) loop.running.supersede(service, "an unfreeze");
  loop.requestPoll(service, "unfreeze", { ...throughTheGates, by });
  if (!held) return done(`${service} is not frozen; it polls its upstream now`);
  return done(`${service} tracks its upstream again${gatesNow(service, context)}`);
}

/**
 * Looks at the upstream now; with `overrideWindow` what has come in goes in, whatever the windows say, and with `again`
 * even if it was refused or rolled back before.
 */
export function pull(
  loop: UpstreamLoop,
  service: string,
  { overrideWindow, again, by, reason }: Parameters<Host["pull"]>[1],
  context: Context,
): Answer {
  if (holdOf(context.records.get(service).state) !== null)
    return refused(`${service} is frozen; unfreeze it to pull`);
  if (again) context.records.clearBadCommits(service);
  loop.requestPoll(service, "pull", { overrideWindow, by, reason: maskSecrets(reason) });
  return done(`${service} polls its upstream now${overrideWindow ? "" : gatesNow(service, context)}`);
}

/** The service goes to a commit of its branch's history and stays there; the decision is durable when it answers. */
export async function rollback(
  loop: UpstreamLoop,
  service: string,
  { by, reason, hash }: Parameters<Host["rollback"]>[1],
  context: Context,
): Promise<Answer> {
  const { records, clock } = context;
  const managed = loop.managed(service);
  if (managed === undefined) return refused(`${service} has not been set up yet`);
  try {
    const commit = await findCommit(managed, hash.toLowerCase(), context);
    await assertLinks(managed, commit);
    if (!wasDeployed(service, commit, records)) await assertFit(managed, commit, context);
    const decided = { by, reason: maskSecrets(reason), at: clock.now() };
    records.apply(service, { type: "rollback", to: commit, ...decided });
    loop.running.supersede(service, "a rollback");
    loop.enqueue(service, "rollback", { ...throughTheGates, by: decided.by, reason: decided.reason });
    return done(`${service} goes to ${shortCommit(commit)} and stays there until you unfreeze it`);
  } catch (error) {
    if (error instanceof Problem) return refused(error.message);
    throw error;
  }
}

/** @throws Problem */
async function assertFit(managed: ManagedService, commit: Commit, context: Context): Promise<void> {
  try {
    await assertModes(managed, commit, context.records.get(managed.service.name).head);
    await verifySignature(managed, commit, context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const what = `Cannot take "${managed.service.name}" to ${shortCommit(commit)}`;
    throw new Problem("git", `${what}: ${error.message}`, { cause: error });
  }
}

/** What a service had once was good enough for it then, signed or not. */
function wasDeployed(service: string, commit: Commit, records: Context["records"]): boolean {
  const known = records.deployments(service, { before: null, limit: deploymentsKept });
  return known.some(({ to, result }) => to === commit && result === "done");
}

/** Says so when a new commit would have to wait. */
function gatesNow(service: string, { gates, clock }: Context): string {
  const answer = askGates(gates, service, clock.now());
  if (answer.open) return "";
  const until = answer.opensAt === null ? "" : ` until ${renderInstant(answer.opensAt)}`;
  return `; a new commit waits for ${answer.why}${until}`;
}
