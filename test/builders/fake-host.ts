/** A host in memory, as plain data: it outlives the daemons that work on it. */
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath } from "../../src/model/path.ts";
import type { Link } from "../../src/model/service.ts";
import type { UnitSeen } from "../../src/model/unit.ts";
import { aUnit } from "./a-unit.ts";
import { Power } from "./mortal-state.ts";

/** What has a text: a mount goes on showing it when another takes its place. */
export interface Inode {
  text: string;
}

export interface FakeCheckout {
  head: Commit;
  narrowed: boolean;
  readonly files: Map<string, Inode>;
  /** Untracked files at the links. */
  readonly added: Map<string, string>;
}

type Hook = () => void | Promise<void>;

/** When a daemon is to be disturbed: an effect such as `publish app/etc`, `mount /etc/app` or `systemctl reload`. */
export type Hooks = Map<string, Hook>;

export class FakeHost {
  readonly power = new Power();
  readonly hooks: Hooks = new Map();
  checkout: FakeCheckout | null = null;
  /** Something of others is at the path of the checkout. */
  isForeign = false;
  readonly mounts = new Map<AbsPath, Inode>();
  /** What the first mount at each place hides, in words. */
  readonly hides = new Map<AbsPath, string>();
  /** Mount points that do not exist. */
  readonly missing = new Set<AbsPath>();
  unit: UnitSeen = aUnit({ active: "inactive", sub: "dead", file: "disabled", wanted: false });
  /** The texts that the unit has read, by local path. */
  read = new Map<AbsPath, string>();
  isInstalled = true;
  /** The texts of all saved edits. */
  readonly patches: string[] = [];
  editedAt: Date | null = null;
  #moment = 0;
  #changedAt = 0;
  #readAt = 0;

  /** Does something that others see, unless the daemon has died. */
  async effect(name: string, change: () => void): Promise<void> {
    this.power.spend(name);
    await this.hooks.get(name)?.();
    change();
    await null;
  }

  /** Everything that was done to it, without the writes to the state file. */
  done(): string[] {
    return this.power.spent.filter((effect) => effect !== "write");
  }

  textAt(link: string): string {
    return this.checkout?.files.get(link)?.text ?? "";
  }

  /** A file is replaced by a new one; a directory stays, with other content. */
  write({ link, file }: Link, text: string): void {
    const files = this.checkout?.files;
    const known = files?.get(link);
    if (files === undefined || known?.text === text) return;
    if (known === undefined || file) files.set(link, { text });
    else known.text = text;
    this.#changedAt = ++this.#moment;
  }

  /** A person changes what is at a link. */
  edit(link: string, text: string, at: Date): void {
    const inode = this.checkout?.files.get(link);
    if (inode === undefined) throw new Error(`there is nothing at ${link}`);
    inode.text = text;
    this.editedAt = at;
  }

  mount(target: AbsPath, link: string): void {
    const inode = this.checkout?.files.get(link);
    if (inode === undefined) throw new Error(`there is nothing at ${link}`);
    if (this.mounts.get(target) !== inode) this.#changedAt = ++this.#moment;
    this.mounts.set(target, inode);
  }

  unmount(target: AbsPath): void {
    if (this.mounts.delete(target)) this.#changedAt = ++this.#moment;
  }

  /** No mount outlasts it, and an enabled unit starts with the files that are there. */
  reboot(): void {
    this.mounts.clear();
    this.readFiles();
  }

  /** The unit reads its files as they are mounted now. */
  readFiles(): void {
    this.read = new Map([...this.mounts].map(([target, { text }]) => [target, text]));
    this.#readAt = ++this.#moment;
  }

  /** The unit has read the files after their last change by a daemon. */
  get isReadAgain(): boolean {
    return this.#readAt > this.#changedAt;
  }

  /** What the unit makes of the files that it has read: a text may say that they are `unwell` or that it `breaks`. */
  says(word: string): boolean {
    return [...this.read.values()].some((text) => text.includes(word));
  }
}
