/** The executors: one for each step. A step is small, and the daemon stops only between steps. */
import { bindsOf } from "../../host/mounts/mounts.ts";
import type { Log } from "../../platform/log.ts";
import { during } from "../../platform/trace/span.ts";
import type { Step } from "../../rollout/plan.ts";
import { narrowingOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Checkouts, Checks, Mounts, Packages, Probes, StepOf, Units } from "../ports.ts";
import type { Records } from "../records.ts";
import type { UnderWay } from "./under-way.ts";

/** One deployment of a service, as its steps see it. */
export interface Run {
  readonly managed: ManagedService;
  readonly underWay: UnderWay;
  /** Aborted when the deployment has become pointless; the step in hand is finished, and settling ends. */
  readonly superseded: AbortSignal;
  /** Aborted when the daemon is to stop, or the deployment is superseded. */
  readonly over: AbortSignal;
}

/** What the checkout is narrowed to now; nothing: as before. */
type Narrowed = { readonly links: string } | undefined;

type Executors<D extends Step["do"]> = {
  [S in D]: (step: StepOf<S>, run: Run) => Promise<Narrowed> | Promise<void>;
};

type OfFiles = "set-aside" | "add-checkout" | "narrow" | "save-edits" | "clear-drift" | "stage" | "publish";

/** The steps that change a checkout. */
export function fileSteps(
  checkouts: Checkouts,
  records: Pick<Records, "markCheckoutDirty">,
): Executors<OfFiles> {
  return {
    "set-aside": async ({ why }, { managed }) => {
      checkouts.setAside(managed.service, why);
      return { links: "" };
    },
    "add-checkout": async ({ commit }, { managed }) => {
      // It has HEAD at once, and no files until the end of the publish.
      records.markCheckoutDirty(managed.service.name);
      await checkouts.add(managed, commit);
      return { links: narrowingOf(managed.service) };
    },
    narrow: async (_, { managed }) => {
      await checkouts.narrow(managed);
      return { links: narrowingOf(managed.service) };
    },
    "save-edits": (step, { managed }) => checkouts.saveEdits(managed, step),
    "clear-drift": (step, { managed }) => checkouts.clearDrift(managed, step),
    stage: (step, { managed }) => checkouts.stage(managed, step),
    publish: ({ commit }, { managed }) => {
      records.markCheckoutDirty(managed.service.name);
      return checkouts.publish(managed, commit);
    },
  };
}

/** The steps that change mounts and units. */
export function hostSteps(
  mounts: Mounts,
  units: Units,
  log: Log,
): Executors<"unmount" | "mount" | "daemon-reload" | "systemctl"> {
  return {
    unmount: ({ target }, { managed: { service } }) =>
      mounts.unmount({ service: service.name, checkout: service.checkout }, [target]),
    mount: async ({ link, hides }, { managed }) => {
      const { service } = managed;
      if (hides) log.warn({ service: service.name }, `the mount at ${link.local} hides ${hides}`);
      for (const bind of bindsOf(service, [link])) await mounts.put(bind, managed);
    },
    "daemon-reload": () => units.reloadFiles(),
    systemctl: ({ verb }, { managed, superseded }) => units.run(managed.service, verb, superseded),
  };
}

/** The steps that install, and that judge. */
export function otherSteps(
  packages: Packages,
  checks: Checks,
  checkouts: Pick<Checkouts, "staged">,
  probes: Probes,
): Executors<"install-package" | "check" | "verify"> {
  return {
    "install-package": ({ name }) => packages.install(name),
    check: ({ commit }, { managed, over }) =>
      checks(managed, { commit, stage: checkouts.staged(managed.service.name, commit) }, over),
    verify: ({ unit: mustRun }, { managed, underWay, over }) =>
      probes(managed, { mustRun, onProgress: (health) => underWay.probed(health) }, over),
  };
}

/** Carries out one step. @throws Problem */
export type Execute = (step: Step, run: Run) => Promise<Narrowed>;

export function createExecute(executors: Executors<Step["do"]>): Execute {
  return async (step, run) => {
    const execute = executors[step.do] as (step: Step, run: Run) => Promise<Narrowed>;
    return during({ name: step.do, about: step }, () => execute(step, run));
  };
}
