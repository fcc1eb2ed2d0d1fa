/** Act: one executor a step. A step is small, and the daemon stops only between steps. */

import { addCheckout, narrowCheckout, setAsideCheckout } from "../../git/checkout/checkout.ts";
import { whileHidden } from "../../git/checkout/while-hidden.ts";
import { placePointer, pointerPlace } from "../../git/store/pointer.ts";
import { bindsOf } from "../../host/mounts/mounts.ts";
import { installPackage } from "../../host/packages.ts";
import { storesDir } from "../../platform/files/state-paths.ts";
import { during } from "../../platform/trace/span.ts";
import type { Step } from "../../rollout/plan.ts";
import type { Context } from "../context.ts";
import { changesAccess, linksOf, narrowingOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Reached } from "../record-changes.ts";
import { bringFiles } from "./bring-files.ts";
import { clearDrift, giveDirectories } from "./clear-drift.ts";
import { accessOf, hasAccess } from "./link-access.ts";
import { unmountAll } from "./orphan-mounts.ts";
import { checkStaged, publishFiles, stageFiles } from "./publish-files.ts";
import { putMount } from "./put-mount.ts";
import { runUnitVerb, verifyService } from "./run-unit-verb.ts";
import { keepEdits } from "./save-edits.ts";

type Executors = {
  [D in Step["do"]]: (
    step: Extract<Step, { do: D }>,
    managed: ManagedService,
    context: Context,
  ) => Promise<Partial<Reached>>;
};

const nothingNew: Partial<Reached> = {};

const executors: Executors = {
  "install-package": async ({ name }, managed, { packageManager, exec }) => {
    if (packageManager !== null) await installPackage(name, packageManager, exec);
    managed.packageKnown = packageManager !== null;
    return nothingNew;
  },
  "set-aside": async ({ why }, { service }, { clock, log }) => {
    const aside = setAsideCheckout(service.checkout, clock.now());
    log.warn({ service: service.name, aside }, `set the old checkout aside: ${why}`);
    return { head: null, links: "" };
  },
  "add-checkout": async ({ commit }, managed, { git, records }) => {
    // It has HEAD at once, and no files until the end of the publish.
    records.markCheckoutDirty(managed.service.name);
    await addCheckout(managed.store, managed.service.checkout, commit, git);
    // Files with modes from the config stay hidden until they have them.
    managed.fresh = !hasAccess(managed.service);
    return { head: null, links: "" };
  },
  narrow: async (_, managed, context) => {
    const { store, service } = managed;
    const { head, links } = context.records.get(service.name);
    // In a checkout that has files already, git writes those of a new link. One that was of another store has none.
    const known = head !== null && (await managed.history.reader.read([head]))[0] !== null;
    if (known) await bringFiles(managed, { base: null, to: head }, context);
    placePointer(service.checkout, pointerPlace(linksOf(service)), storesDir(context.stateDir));
    const narrow = () => narrowCheckout(store, service.checkout, linksOf(service), context.git);
    const access = await accessOf(service, context);
    await (access.length === 0
      ? narrow()
      : whileHidden({ checkout: service.checkout, access }, store, narrow));
    // Those that stay; new ones, and all files, get their modes before they are published.
    if (changesAccess(links, service)) await giveDirectories(managed, context);
    return { links: narrowingOf(service) };
  },
  "save-edits": async (step, managed, context) => {
    await keepEdits(step, managed, context);
    return nothingNew;
  },
  "clear-drift": async (step, managed, context) => {
    await clearDrift(step, managed, context);
    return nothingNew;
  },
  stage: async (step, managed, context) => {
    await stageFiles(step, managed, context);
    return nothingNew;
  },
  check: async ({ commit }, managed, context) => {
    await checkStaged(commit, managed, context);
    return nothingNew;
  },
  publish: async ({ commit }, managed, context) => {
    await publishFiles(commit, managed, context);
    return { head: commit };
  },
  unmount: async ({ target }, { service }, context) => {
    await unmountAll({ service: service.name, checkout: service.checkout }, [target], context);
    return nothingNew;
  },
  mount: async ({ link, hides }, managed, context) => {
    if (hides)
      context.log.warn({ service: managed.service.name }, `the mount at ${link.local} hides ${hides}`);
    for (const bind of bindsOf(managed.service, [link])) await putMount(bind, managed, context);
    return nothingNew;
  },
  "daemon-reload": async (_, __, { reloadUnitFiles }) => {
    await reloadUnitFiles();
    return nothingNew;
  },
  systemctl: async ({ verb }, { service }, context) => {
    await runUnitVerb(service, verb, context);
    return nothingNew;
  },
  verify: async ({ unit }, managed, context) => {
    await verifyService(managed, unit, context);
    return nothingNew;
  },
};

/** Carries out one step; answers what of the record it has changed. @throws Problem */
export async function execute(
  step: Step,
  managed: ManagedService,
  context: Context,
): Promise<Partial<Reached>> {
  const run = executors[step.do] as (
    step: Step,
    managed: ManagedService,
    context: Context,
  ) => Promise<Partial<Reached>>;
  return during({ name: step.do, about: step }, () => run(step, managed, context));
}
