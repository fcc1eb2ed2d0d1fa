/** Three services with files that change at random, and the state that a host has to have at every commit. */
import type { ServiceFile } from "../../src/config/file.ts";
import type { FileChange } from "../host/upstream.ts";
import { aService } from "./config.ts";
import type { Random } from "./random.ts";

/** A bind mount as it has to be: the files of `link` are seen at `local` and belong to `uid`. */
export interface ExpectedMount {
  readonly service: string;
  readonly local: string;
  readonly link: string;
  readonly uid: number;
  readonly file: boolean;
}

export interface ChurnedService {
  readonly name: string;
  readonly user: string;
  readonly uid: number;
  /** What its unit reads at a verb: in the repository and on the host. */
  readonly reads: string;
  readonly readsAt: string;
  readonly dirs: readonly { readonly local: string; readonly link: string; readonly file?: boolean }[];
}

/** A directory, a single file, and both at once; each has a user of its own. */
export const churned: readonly ChurnedService[] = [
  {
    name: "tree",
    user: "root",
    uid: 0,
    reads: "tree/etc/conf",
    readsAt: "/etc/tree/conf",
    dirs: [{ local: "/etc/tree", link: "tree/etc" }],
  },
  {
    name: "leaf",
    user: "alice",
    uid: 5001,
    reads: "leaf/leaf.conf",
    readsAt: "/etc/leaf.conf",
    dirs: [{ local: "/etc/leaf.conf", link: "leaf/leaf.conf", file: true }],
  },
  {
    name: "both",
    user: "bob",
    uid: 5002,
    reads: "both/etc/conf",
    readsAt: "/etc/both/conf",
    dirs: [
      { local: "/etc/both", link: "both/etc" },
      { local: "/etc/both.key", link: "both/keys/key", file: true },
    ],
  },
];

export function churnedServices(): ServiceFile[] {
  return churned.map(({ name, user, dirs }) => aService({ service: name, user, dirs: [...dirs] }));
}

export function expectedMounts(): ExpectedMount[] {
  return churned.flatMap(({ name, uid, dirs }) =>
    dirs.map((dir) => ({ service: name, uid, file: false, ...dir })),
  );
}

const dataFilesMax = 8;
const dataMaxBytes = 60_000;

/** The repository's files as the newest commit has them; `change` makes the next commit's. */
export class Churn {
  readonly files = new Map<string, string>();
  readonly #random: Random;
  #commits = 0;

  constructor(random: Random) {
    this.#random = random;
    for (const service of churned) this.#changeService(service);
  }

  /** What a service's unit reads now. */
  contentOf({ reads }: ChurnedService): string {
    return (this.files.get(reads) ?? "").trim();
  }

  /** Changes one service or several; the answer is what to commit. */
  change(): Record<string, FileChange> {
    const before = new Map(this.files);
    this.#commits += 1;
    const sure = this.#random.below(churned.length);
    for (const [index, service] of churned.entries())
      if (index === sure || this.#random.chance(0.5)) this.#changeService(service);
    const paths = new Set([...before.keys(), ...this.files.keys()]);
    const changed = [...paths].filter((path) => before.get(path) !== this.files.get(path));
    return Object.fromEntries(changed.map((path) => [path, this.files.get(path) ?? null]));
  }

  #changeService({ name, reads, dirs }: ChurnedService): void {
    this.files.set(reads, `${name} ${this.#commits}\n`);
    for (const { link, file } of dirs) {
      if (!file) this.#changeData(link);
      else if (link !== reads) this.files.set(link, `key ${this.#commits}\n`);
    }
  }

  /** Adds, changes or deletes files, some of them in directories that come and go. */
  #changeData(link: string): void {
    for (let times = 0; times < 3; times += 1) {
      const number = this.#random.below(dataFilesMax);
      const path = `${link}/${number % 2 === 0 ? `data${number}` : `deep${number}/data`}`;
      if (this.#random.chance(0.3)) this.files.delete(path);
      else this.files.set(path, `${this.#commits} `.repeat(this.#random.below(dataMaxBytes / 4)));
    }
  }
}
