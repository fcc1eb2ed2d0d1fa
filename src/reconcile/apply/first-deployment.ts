/** Undoes the first deployment of a service when the service was not well with it: the host is as before, then. */
import type { HostBefore, HostsBefore } from "../../history/host-before.ts";
import { touchesDefinitions } from "../../host/systemd/unit-files.ts";
import { shortCommit } from "../../model/commit.ts";
import type { Service } from "../../model/service.ts";
import type { Log } from "../../platform/log.ts";
import { headOf } from "../../rollout/phase.ts";
import type { Step } from "../../rollout/plan.ts";
import { verbAfterUnmount, verbsBeforeUnmount } from "../../rollout/undo.ts";
import { verbFor } from "../../rollout/unit/action.ts";
import { isRunning } from "../../rollout/unit/unit.ts";
import { linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Mounts, Units } from "../ports.ts";
import type { Records } from "../records.ts";
import { knownBad } from "../target/known-bad.ts";

interface Ports {
  readonly records: Records;
  readonly hostsBefore: HostsBefore;
  readonly mounts: Mounts;
  readonly units: Units;
  readonly log: Log;
}

export class FirstDeployment {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /**
   * To be called before the first mount. Only a host that had something to go back to is remembered: a unit that ran,
   * or files that a mount hides. @throws Problem
   */
  async remember({ service }: ManagedService, steps: readonly Step[]): Promise<void> {
    const { records, hostsBefore, mounts, units } = this.#ports;
    const { name } = service;
    const toMount = steps.filter((step) => step.do === "mount");
    if (records.get(name).commit !== null || toMount.length === 0) return;
    const made = toMount.flatMap(({ link }) => mounts.missing(link.local) ?? []);
    const known = hostsBefore.get(name);
    if (known !== null) {
      if (made.length > 0) hostsBefore.remember(name, { ...known, made: [...known.made, ...made] });
      return;
    }
    // What an earlier try has mounted says nothing about what was there before it.
    if (records.mounts(name).length > 0) return;
    const unit = service.action === null ? null : await units.observe(name);
    const ran = unit !== null && isRunning(unit);
    if (ran || toMount.some(({ hides }) => hides))
      hostsBefore.remember(name, { ran, disabled: unit?.file === "disabled", made });
  }

  /**
   * For a service that has no commit to go to. What is remembered of the host goes last, so that an undoing that was
   * cut off is done again. @throws Problem
   */
  async undo(managed: ManagedService): Promise<void> {
    const { service } = managed;
    const { records, hostsBefore, log } = this.#ports;
    const { commit, phase } = records.get(service.name);
    const head = headOf(phase);
    if (commit !== null || head === null) return;
    const before = hostsBefore.get(service.name);
    if (before === null || (await knownBad(managed, head, records)) === null) return;
    const places = records.mounts(service.name);
    await this.#takeBack(managed, before);
    const runs = before.ran ? `; ${service.name} runs with the host's own files` : "";
    const undone = `undid the first deployment, of ${shortCommit(head)}: unmounted ${places.join(", ")}`;
    log.warn({ service: service.name }, `${undone}${runs}`);
    records.markCheckoutDirty(service.name);
    hostsBefore.forget(service.name);
  }

  async #takeBack({ service, account }: ManagedService, before: HostBefore): Promise<void> {
    const { records, mounts, units } = this.#ports;
    const { name, checkout } = service;
    const verb = verbFor(service, linksOf(service));
    if (verb !== null)
      for (const each of verbsBeforeUnmount(before, await units.observe(name)))
        await this.#run(service, each);
    await mounts.unmount({ service: name, checkout }, records.mounts(name));
    for (const made of before.made) await mounts.removeMade(made, account);
    if (verb === null) return;
    if (this.#definesUnits(service) || (await units.observe(name)).needsDaemonReload)
      await units.reloadFiles();
    const last = verbAfterUnmount(before, await units.observe(name), verb);
    if (last !== null) await this.#run(service, last);
  }

  /** What has begun is ended, whatever is wanted of the service by now. */
  #run(service: Service, verb: string): Promise<void> {
    return this.#ports.units.run(service, verb, new AbortController().signal);
  }

  #definesUnits(service: Service): boolean {
    const files = this.#ports.units.lastSeen(service)?.files ?? [];
    return service.links.some(({ local }) => local !== null && touchesDefinitions(local, files));
  }
}
