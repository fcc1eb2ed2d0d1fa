/** The checkouts of this host: what was seen of each, and what is staged for it. */
import { setImmediate } from "node:timers/promises";
import { addCheckout, narrowCheckout, setAsideCheckout } from "../../git/checkout/checkout.ts";
import { publishStage } from "../../git/checkout/publish.ts";
import { refreshIndex } from "../../git/checkout/refresh-index.ts";
import { type Staged, whileHidden } from "../../git/checkout/stage.ts";
import { removeStage } from "../../git/checkout/stage-directory.ts";
import { stampOf } from "../../git/checkout/stamp.ts";
import { placePointer } from "../../git/store/pointer.ts";
import type { Commit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import type { Service } from "../../model/service.ts";
import { storesDir } from "../../platform/files/state-paths.ts";
import { createYieldToEventLoop } from "../../platform/yield-to-event-loop.ts";
import { headOf } from "../../rollout/phase.ts";
import { changesAccess, linksOf } from "../links.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Checkouts, FilesSeen, StepOf } from "../ports.ts";
import { clearDrift, giveDirectories } from "./clear-drift.ts";
import { accessOf, hasAccess } from "./link-access.ts";
import { editedAt, mendCheckout, observeAttributes, observeMended } from "./observe-checkout.ts";
import type { CheckoutPorts } from "./ports.ts";
import { keepEdits } from "./save-edits.ts";
import { bringFiles, stageFiles } from "./stage-files.ts";

/** What is known of one checkout. */
interface Known {
  /** What git said of it when its files had this stamp. */
  seen: ({ readonly stamp: string } & FilesSeen) | null;
  /** It is new and not mounted yet: it has no local edits, and is its own stage. */
  fresh: boolean;
  staged: Staged | null;
  /** The update of index and HEAD after a publish, which runs while the unit is reloaded. */
  pendingIndexUpdate: Promise<void> | null;
}

const nothingKnown: Known = { seen: null, fresh: false, staged: null, pendingIndexUpdate: null };

export class CheckoutsOnDisk implements Checkouts {
  readonly #tools: CheckoutPorts;
  readonly #known = new Map<string, Known>();

  constructor(tools: CheckoutPorts) {
    this.#tools = tools;
  }

  async observe(managed: ManagedService): Promise<FilesSeen> {
    const { service } = managed;
    const known = this.#of(service.name);
    // First, so that no change falls between the two.
    await this.#tools.files.cover(service);
    const stamp = await stampOf(service.checkout);
    if (stamp !== null && known.seen?.stamp === stamp) return known.seen;
    const checkout = await observeMended(managed, this.#tools);
    const attributes = checkout.is === "present" ? await observeAttributes(managed, this.#tools) : [];
    // Only a checkout that is present has a useful stamp: it does not cover git's metadata.
    known.seen = stamp === null || checkout.is !== "present" ? null : { stamp, checkout, attributes };
    return { checkout, attributes };
  }

  editedAt(service: Service, { checkout }: FilesSeen): Date | null {
    return editedAt(service, checkout);
  }

  forget(service: string): void {
    const known = this.#of(service);
    known.seen = null;
    known.fresh = false;
  }

  mend(managed: ManagedService, why: string): Promise<boolean> {
    return mendCheckout(managed, why, this.#tools);
  }

  setAside(service: Service, why: string): void {
    const aside = setAsideCheckout(service.checkout, this.#tools.clock.now());
    this.#tools.log.warn({ service: service.name, aside }, `set the old checkout aside: ${why}`);
  }

  async add({ store, service }: ManagedService, commit: Commit): Promise<void> {
    const { stateDir, tools } = this.#tools;
    const links = linksOf(service);
    await addCheckout({ store, checkout: service.checkout }, { commit, links }, tools.git);
    placePointer(service.checkout, links, storesDir(stateDir));
    // Files with modes from the config stay hidden until they have them.
    this.#of(service.name).fresh = !hasAccess(service);
  }

  async narrow(managed: ManagedService): Promise<void> {
    const { store, service, history } = managed;
    const { records, stateDir, tools } = this.#tools;
    const { phase, links } = records.get(service.name);
    const head = headOf(phase);
    // In a checkout that has files already, git writes those of a new link. One that was of another store has none.
    const known = head !== null && (await history.reader.read([head]))[0] !== null;
    if (known) await bringFiles(managed, { base: null, to: head }, this.#tools);
    placePointer(service.checkout, linksOf(service), storesDir(stateDir));
    const place = { store, checkout: service.checkout };
    const narrow = () => narrowCheckout(place, linksOf(service), tools.git);
    const access = await accessOf(service, this.#tools.findGroup);
    await (access.length === 0 ? narrow() : whileHidden({ ...place, access }, narrow));
    // Those that stay; new ones, and all files, get their modes before they are published.
    if (changesAccess(links, service)) await giveDirectories(managed, this.#tools);
  }

  saveEdits(managed: ManagedService, step: StepOf<"save-edits">): Promise<void> {
    return keepEdits(step, managed, this.#tools);
  }

  clearDrift(managed: ManagedService, step: StepOf<"clear-drift">): Promise<void> {
    return clearDrift(step, managed, this.#tools);
  }

  async stage(managed: ManagedService, step: StepOf<"stage">): Promise<void> {
    const known = this.#of(managed.service.name);
    known.staged = await stageFiles(step, managed, this.#tools, known.fresh);
  }

  staged(service: string, commit: Commit): AbsPath {
    return this.#staged(service, commit).tree;
  }

  /** What remains to be done afterwards goes on in the background; see `finish`. */
  async publish({ service, account, store }: ManagedService, commit: Commit): Promise<void> {
    const { checkout, name } = service;
    const known = this.#of(name);
    const staged = this.#staged(name, commit);
    if (known.fresh) {
      known.seen = await cleanAt(checkout, commit);
      known.fresh = false;
      return;
    }
    // Not the old answer: a commit that differs in none of the files leaves their stamp as it was, but not HEAD.
    known.seen = null;
    const tools = { exec: this.#tools.tools.exec, yieldToEventLoop: createYieldToEventLoop() };
    const changed = await publishStage({ checkout, account }, staged, tools);
    known.pendingIndexUpdate = this.#updateIndex({ store, checkout }, staged, changed);
    known.pendingIndexUpdate.catch(() => {});
  }

  async finish({ service, account }: ManagedService): Promise<void> {
    const known = this.#of(service.name);
    const { pendingIndexUpdate, staged } = known;
    known.pendingIndexUpdate = null;
    known.staged = null;
    await pendingIndexUpdate;
    if (staged !== null) await removeStage(staged, account, this.#tools.tools.exec);
  }

  async #updateIndex(
    place: Parameters<typeof refreshIndex>[0],
    staged: Staged,
    changed: Awaited<ReturnType<typeof publishStage>>,
  ): Promise<void> {
    const { git, exec } = this.#tools.tools;
    using directories = changed;
    // Starting a process takes a moment as well, and the unit's is first.
    await setImmediate();
    await Promise.all([refreshIndex(place, staged, git), directories.flush(exec)]);
  }

  #staged(service: string, commit: Commit): Staged {
    const { staged } = this.#of(service);
    if (staged?.commit === commit) return staged;
    throw new Error(`Commit ${commit} is not staged for ${service}`);
  }

  #of(service: string): Known {
    const known = this.#known.get(service) ?? { ...nothingKnown };
    this.#known.set(service, known);
    return known;
  }
}

/** What git would say of a checkout that has just been made, without asking it. */
async function cleanAt(checkout: AbsPath, head: Commit): Promise<Known["seen"]> {
  const stamp = await stampOf(checkout);
  return stamp === null
    ? null
    : { stamp, attributes: [], checkout: { is: "present", head, edits: [], ignored: false } };
}
