/** Undoes the first deployment of a service when the service was not well with it: the host is as before, then. */
import type { HostBefore } from "../../history/host-before.ts";
import { unmountOurs } from "../../host/mounts/apply-mounts.ts";
import { missingTop, removeMade } from "../../host/mounts/made-targets.ts";
import { touchesDefinitions } from "../../host/systemd/unit-files.ts";
import { shortCommit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import { futureRealOf } from "../../platform/files/trust.ts";
import type { Step } from "../../rollout/plan.ts";
import { verbAfterUnmount, verbsBeforeUnmount } from "../../rollout/undo.ts";
import { verbFor } from "../../rollout/unit/action.ts";
import { isRunning } from "../../rollout/unit/unit.ts";
import type { Context } from "../context.ts";
import { linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import { knownBad } from "../target/known-bad.ts";
import { runUnitVerb } from "./run-unit-verb.ts";

/**
 * To be called before the first mount. Only a host that had something to go back to is remembered: a unit that ran, or
 * files that a mount hides. @throws Problem
 */
export async function rememberHost(
  { service }: ManagedService,
  steps: readonly Step[],
  { records, hostsBefore, observeUnit }: Context,
): Promise<void> {
  const { name } = service;
  const mounts = steps.filter((step) => step.do === "mount");
  if (records.get(name).commit !== null || mounts.length === 0) return;
  const made = mounts.flatMap(({ link }) => {
    const target = futureRealOf(link.local);
    const top = missingTop(target);
    return top === null ? [] : [{ target, top }];
  });
  const known = hostsBefore.get(name);
  if (known !== null) {
    if (made.length > 0) hostsBefore.remember(name, { ...known, made: [...known.made, ...made] });
    return;
  }
  // What an earlier try has mounted says nothing about what was there before it.
  if (records.mounts(name).length > 0) return;
  const unit = service.action === null ? null : await observeUnit(name);
  const ran = unit !== null && isRunning(unit);
  if (ran || mounts.some(({ hides }) => hides))
    hostsBefore.remember(name, { ran, disabled: unit?.file === "disabled", made });
}

/**
 * For a service that has no commit to go to. What is remembered of the host goes last, so that an undoing that was cut
 * off is done again. @throws Problem
 */
export async function undoFirst(managed: ManagedService, context: Context): Promise<void> {
  const { service } = managed;
  const { records, hostsBefore } = context;
  const { commit, head } = records.get(service.name);
  if (commit !== null || head === null) return;
  const before = hostsBefore.get(service.name);
  if (before === null || (await knownBad(managed, head, context)) === null) return;
  // What has begun is ended, whatever is wanted of the service by now.
  await takeBack(managed, before, { ...context, superseded: new AbortController().signal });
  const places = records.mounts(service.name);
  const runs = before.ran ? `; ${service.name} runs with the host's own files` : "";
  context.log.warn(
    { service: service.name },
    `undid the first deployment, of ${shortCommit(head)}: unmounted ${places.join(", ")}${runs}`,
  );
  for (const place of places) records.unmounted(place);
  records.markCheckoutDirty(service.name);
  hostsBefore.forget(service.name);
}

async function takeBack(managed: ManagedService, before: HostBefore, context: Context): Promise<void> {
  const { service, account } = managed;
  const { records, mounting, mounter, exec, observeUnit, reloadUnitFiles } = context;
  const { name, checkout } = service;
  const verb = verbFor(service, linksOf(service));
  if (verb !== null)
    for (const each of verbsBeforeUnmount(before, await observeUnit(name)))
      await runUnitVerb(service, each, context);
  const ours = { checkout, sources: records.sources(name) };
  const places = records.mounts(name).toSorted((a, b) => b.length - a.length);
  for (const place of places) await mounting(() => unmountOurs(ours, place, mounter));
  for (const made of before.made) await removeMade(made, account, exec);
  if (verb === null) return;
  if (definesUnits(service, context) || (await observeUnit(name)).needsDaemonReload) await reloadUnitFiles();
  const told = verbAfterUnmount(before, await observeUnit(name), verb);
  if (told !== null) await runUnitVerb(service, told, context);
}

function definesUnits(service: Service, { units }: Context): boolean {
  const files = units.lastSeen(service)?.files ?? [];
  return service.links.some(({ local }) => local !== null && touchesDefinitions(local, files));
}
