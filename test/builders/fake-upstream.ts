/** An upstream in memory: commits with a text at each link, and the history that a reconcile reads of them. */
import type { Entry } from "../../src/git/history/trees.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { Link } from "../../src/model/service.ts";
import type { History } from "../../src/reconcile/history-reader.ts";
import type { KnownView } from "../../src/rollout/target.ts";

/** By path in the repository; a path that is absent is not in the commit. */
export type Texts = Readonly<Record<string, string>>;

interface Pushed {
  readonly parent: Commit | null;
  readonly texts: Texts;
}

export class FakeUpstream {
  readonly #commits = new Map<Commit, Pushed>();
  readonly #links: readonly Link[];
  #tip: Commit | null = null;

  constructor(links: readonly Link[]) {
    this.#links = links;
  }

  get tip(): Commit {
    if (this.#tip === null) throw new Error("nothing has been pushed");
    return this.#tip;
  }

  /** Changes some texts in a new commit on top of `onto`, by default of the tip. */
  push(texts: Texts, onto: Commit | null = this.#tip): Commit {
    const id = (this.#commits.size + 1).toString(16).padStart(8, "0");
    const commit = id.padEnd(40, "0") as Commit;
    const before = onto === null ? {} : this.textsOf(onto);
    this.#commits.set(commit, { parent: onto, texts: { ...before, ...texts } });
    this.#tip = commit;
    return commit;
  }

  /** A forced push. */
  reset(to: Commit): void {
    this.#tip = to;
  }

  textsOf(commit: Commit): Texts {
    const known = this.#commits.get(commit);
    if (known === undefined) throw new Error(`there is no commit ${commit}`);
    return known.texts;
  }

  view(): KnownView {
    return { is: "known", tips: new Map(this.#tip === null ? [] : [["main", this.#tip]]) };
  }

  history(): History {
    return {
      reader: {} as History["reader"],
      entries: async (commit) => this.#entries(commit),
      isAncestor: async (older, newer) => this.#isAncestor(older, newer),
      filesChanged: async (from, to, paths) => {
        const [a, b] = [this.textsOf(from), this.textsOf(to)];
        return paths.filter((path) => a[path] !== b[path]);
      },
      info: async () => null,
      ahead: async () => 0,
      modeFault: async () => null,
      assertSigned: async () => {},
    };
  }

  #entries(commit: Commit): ReadonlyMap<string, Entry> {
    const texts = this.textsOf(commit);
    const found = this.#links.flatMap(({ link, file }): Entry[] => {
      const id = texts[link];
      if (id === undefined) return [];
      const as = file
        ? ({ kind: "file", mode: "100644" } as const)
        : ({ kind: "directory", mode: "040000" } as const);
      return [{ ...as, id, path: link }];
    });
    return new Map(found.map((entry) => [entry.path, entry]));
  }

  #isAncestor(older: Commit, newer: Commit): boolean {
    let each: Commit | null = newer;
    while (each !== null && each !== older) each = this.#commits.get(each)?.parent ?? null;
    return each === older;
  }
}
