/** Limits how many connections are open at once, in total and per peer. One more evicts another one or is refused. */

/** The right to be open, until it is released or evicted. */
export interface Admission {
  /** A higher rank is evicted later. It counts as the newest of its rank from then on. */
  setRank(rank: number): void;
  /** Called once, at the end; does nothing after an eviction. */
  release(): void;
}

export interface AdmissionRequest {
  readonly rank: number;
  /** It may evict entries with a rank below this. */
  readonly evictsBelow: number;
  /** Called when it is evicted. */
  readonly onEvicted: () => void;
}

interface Admitted {
  readonly kind: string;
  readonly onEvicted: () => void;
  rank: number;
}

export class ConnectionLimiter {
  readonly #limits: { readonly total: number; readonly each: number };
  /** The oldest first. */
  readonly #admitted = new Set<Admitted>();

  constructor(limits: { readonly total: number; readonly each: number }) {
    this.#limits = limits;
  }

  /** Null: the limit is reached, and no entry may be evicted. */
  admit(kind: string, { rank, evictsBelow, onEvicted }: AdmissionRequest): Admission | null {
    const same = [...this.#admitted].filter((entry) => entry.kind === kind);
    const isTooMany = same.length >= this.#limits.each;
    const isFull = isTooMany || this.#admitted.size >= this.#limits.total;
    if (isFull && !this.#evictOne(isTooMany ? same : [...this.#admitted], evictsBelow)) return null;
    const entry: Admitted = { kind, rank, onEvicted };
    this.#admitted.add(entry);
    return {
      setRank: (rank) => {
        if (!this.#admitted.delete(entry)) return;
        entry.rank = rank;
        this.#admitted.add(entry);
      },
      release: () => void this.#admitted.delete(entry),
    };
  }

  #evictOne(candidates: readonly Admitted[], evictsBelow: number): boolean {
    const evicted = evictionCandidate(candidates.filter(({ rank }) => rank < evictsBelow));
    if (evicted === null) return false;
    this.#admitted.delete(evicted);
    evicted.onEvicted();
    return true;
  }
}

/** The oldest entry of the lowest rank, from the kind that has most entries of it. */
function evictionCandidate(admitted: readonly Admitted[]): Admitted | null {
  const lowest = Math.min(...admitted.map(({ rank }) => rank));
  const low = admitted.filter(({ rank }) => rank === lowest);
  const kinds = [...Map.groupBy(low, ({ kind }) => kind).values()];
  const most = Math.max(...kinds.map(({ length }) => length));
  return kinds.find(({ length }) => length === most)?.[0] ?? null;
}
