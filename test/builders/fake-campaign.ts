/** A service in memory whose daemon is killed at one effect of a story, and what has to be true of the host afterwards. */
import type { Commit } from "../../src/model/commit.ts";
import type { Service } from "../../src/model/service.ts";
import { holdOf } from "../../src/model/state.ts";
import { liveCommit } from "../../src/rollout/phase.ts";
import { FakeDaemon } from "./fake-daemon.ts";
import type { Texts } from "./fake-upstream.ts";
import { conf, etc } from "./observed.ts";

/** What happens to a service; a push is named for what becomes of it. */
export const happenings = [
  ...(["good", "single-file", "both", "untouched", "unwell", "breaks", "refused", "odd"] as const),
  ...([
    "rewritten",
    "overtaken",
    "rollback",
    "freeze",
    "unfreeze",
    "edit",
    "lost-mount",
    "lost-checkout",
    "reboot",
  ] as const),
] as const;
export type Happening = (typeof happenings)[number];

export interface Killed {
  /** After so many effects; absent: not at all. */
  readonly after?: number;
  /** The next daemon is killed as well, after so many. */
  readonly again?: number;
  /** What comes next happens before the next daemon reconciles. */
  readonly hurried?: boolean;
}

const reconcilesMax = 8;
const badWords = ["unwell", "breaks", "refused", "odd"];

export class FakeCampaign {
  readonly daemon: FakeDaemon;
  readonly #killed: Killed;
  #again: number | undefined;
  #pushes = 1;
  readonly #edits: string[] = [];
  /** What a reconcile did that the one before it had left. */
  readonly #late: string[] = [];

  constructor(service: Partial<Service>, killed: Killed = {}) {
    this.daemon = new FakeDaemon(service);
    this.#killed = killed;
    this.#again = killed.again;
    if (killed.after !== undefined) this.daemon.host.power.cutAfter(killed.after);
  }

  /** Answers what is not as it has to be, after the first thing after which it is not. */
  async play(story: readonly Happening[]): Promise<readonly string[]> {
    let isDead = await this.#rest();
    for (const [index, happening] of story.entries()) {
      if (isDead && !this.#killed.hurried) isDead = await this.#revive();
      const faults = isDead ? [] : this.#faults();
      if (faults.length > 0) return [`before ${index} ${happening}`, ...faults];
      while (isDead) isDead = await this.#restart();
      isDead = await this.#live(() => this.#happen(happening));
      isDead = isDead || (await this.#rest());
    }
    while (isDead) isDead = await this.#revive();
    return this.#faults();
  }

  async #revive(): Promise<boolean> {
    const isDead = await this.#restart();
    return isDead || this.#rest();
  }

  #restart(): Promise<boolean> {
    const { host } = this.daemon;
    this.daemon.restart();
    if (this.#again !== undefined) host.power.cutAfter(this.#again);
    this.#again = undefined;
    return this.#live(() => this.daemon.mountFromDisk());
  }

  /** Answers whether the daemon has died of it. */
  async #live(work: () => void | Promise<void>): Promise<boolean> {
    const { power } = this.daemon.host;
    try {
      await work();
    } catch (error) {
      if (!power.isCut) throw error;
    }
    return power.isCut;
  }

  /** Reconciles until nothing is done any more; a bad commit that a person holds is tried for ever. */
  async #rest(): Promise<boolean> {
    const { power } = this.daemon.host;
    let isAtRest = false;
    for (let tries = 0; tries < reconcilesMax; tries += 1) {
      const before = power.spent.length;
      let again = false;
      const reconcile = async () => {
        again = await this.daemon.reconcile();
      };
      if (await this.#live(reconcile)) return true;
      const { length } = power.spent;
      if (length === before) return false;
      if (isAtRest && !this.#isBroken) this.#late.push(...power.spent.slice(before));
      isAtRest = !again && !this.#isBroken && !this.daemon.superseded.aborted;
    }
    return false;
  }

  get #isBroken(): boolean {
    return this.daemon.record.state.name === "BROKEN";
  }

  readonly #happenings: Readonly<Partial<Record<Happening, () => void | Promise<void>>>> = {
    // To what was deployed first.
    rollback: () => this.daemon.rollback("00000001".padEnd(40, "0") as Commit),
    freeze: () => this.daemon.freeze(),
    unfreeze: () => this.daemon.unfreeze(),
    overtaken: () => this.#overtake(),
    edit: () => this.#edit(),
    "lost-mount": () => void this.daemon.host.mounts.delete(etc.local),
    "lost-checkout": () => {
      this.daemon.host.checkout = null;
      this.#edits.length = 0;
    },
    reboot: () => {
      this.daemon.host.reboot();
      this.daemon.restart();
      return this.daemon.mountFromDisk();
    },
    rewritten: () => {
      const { upstream } = this.daemon;
      upstream.push({ ...upstream.textsOf(upstream.tip), ...this.#textsOf("both") }, null);
    },
  };

  /** A commit that is unwell is superseded before its verdict, by one that its check refuses, where there is one. */
  #overtake(): void {
    const { upstream, host } = this.daemon;
    upstream.push(this.#textsOf("unwell"));
    host.hooks.set("verify", () => {
      host.hooks.delete("verify");
      // Nothing newer is wanted of what is held.
      if (holdOf(this.daemon.record.state) !== null) return;
      upstream.push(this.#textsOf("refused"));
      this.daemon.supersede("a newer commit");
    });
  }

  async #happen(happening: Happening): Promise<void> {
    const happens = this.#happenings[happening];
    if (happens === undefined) this.daemon.upstream.push(this.#textsOf(happening));
    else await happens();
  }

  /** A push that is not bad brings what is good at both links. */
  #textsOf(kind: Happening): Texts {
    this.#pushes += 1;
    const text = `${this.#pushes}`;
    if (kind === "untouched") return { elsewhere: text };
    if (badWords.includes(kind)) return { [etc.link]: `e${text} ${kind}` };
    const { upstream } = this.daemon;
    const isBad = this.#isBad(upstream.textsOf(upstream.tip));
    const both = kind === "both" || isBad;
    return {
      ...(both || kind !== "single-file" ? { [etc.link]: `e${text}` } : {}),
      ...(both || kind === "single-file" ? { [conf.link]: `c${text}` } : {}),
    };
  }

  #edit(): void {
    const { host, clock } = this.daemon;
    if (!host.checkout?.files.has(conf.link)) return;
    const text = `edit ${this.#edits.length}`;
    const before = host.textAt(conf.link);
    // A person who edits an edit has seen it.
    if (before.startsWith("edit")) this.#edits.splice(this.#edits.indexOf(before), 1);
    this.#edits.push(text);
    host.edit(conf.link, text, clock.now());
  }

  #isBad(texts: Texts): boolean {
    const { check } = this.daemon.managed.service;
    const words = badWords.filter((word) => word !== "refused" || check !== null);
    return [etc.link, conf.link].some((link) => words.some((word) => texts[link]?.includes(word)));
  }

  #faults(): string[] {
    const { record, upstream, host, running, logged } = this.daemon;
    const { commit, phase, state } = record;
    if (commit === null) return [`there is no commit: ${JSON.stringify(state)}`];
    const texts = upstream.textsOf(commit);
    const { tip } = upstream;
    const links = [etc, conf];
    const isEdited = (link: string) => this.#edits.includes(host.textAt(link));
    const follows = holdOf(state) === null && !this.#isBad(upstream.textsOf(tip));
    const checks: readonly (readonly [boolean, string])[] = [
      [!this.#isBad(texts), `a bad commit is live: ${commit}`],
      ...links.map(
        ({ link }) =>
          [host.textAt(link) === texts[link] || isEdited(link), `${link} has ${host.textAt(link)}`] as const,
      ),
      ...links.map(
        ({ link, local }) =>
          [host.mounts.get(local) === host.checkout?.files.get(link), `${local} is not mounted`] as const,
      ),
      [host.isReadAgain, "the unit has not read its files after their last change"],
      [host.unit.active === "active", `the unit is ${host.unit.active}`],
      [phase.at === "verified", `phase ${JSON.stringify(phase)}`],
      [liveCommit(phase, commit) === commit, "another commit is live"],
      [phase.at !== "verified" || this.#isLike(phase.head, texts), "the files are of another commit"],
      [host.checkout !== null && this.#isLike(host.checkout.head, texts), "HEAD is another commit"],
      [this.#late.length === 0, `left for the next poll: ${this.#late}`],
      [running === 0, `${running} deployments have no end`],
      [!follows || commit === tip, `the commit is ${commit}, not ${tip}`],
      [!follows || state.name === "OK", `the state is ${JSON.stringify(state)}`],
      [this.#edits.every((text) => this.#isKept(text)), "a local edit is lost"],
      [this.#savesEditsOnly, `saved as edits: ${host.patches}`],
      [!logged.some((line) => line.includes("a bug")), logged.join("")],
    ];
    return checks.flatMap(([isTrue, fault]) => (isTrue ? [] : [fault]));
  }

  #isLike(commit: Commit | null, texts: Texts): boolean {
    if (commit === null) return false;
    const has = this.daemon.upstream.textsOf(commit);
    return [etc, conf].every(({ link }) => has[link] === texts[link]);
  }

  /** A daemon that was killed twice, on its way to two commits, knows only the second of them. */
  get #savesEditsOnly(): boolean {
    return (
      this.#killed.again !== undefined || this.daemon.host.patches.every((text) => text.startsWith("edit"))
    );
  }

  #isKept(text: string): boolean {
    const { host } = this.daemon;
    return host.textAt(conf.link) === text || host.patches.includes(text);
  }
}
