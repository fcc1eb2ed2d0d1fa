/** How many are here at once, in total and of each kind; one more takes the place of another one, or does not get in. */

/** A place in a crowd. */
export interface Seat {
  /** The higher, the later others may take its place. It counts as the newest of its rank from then on. */
  setRank(rank: number): void;
  /** Called once, at the end; nothing happens where the place is taken already. */
  leave(): void;
}

export interface Newcomer {
  readonly rank: number;
  /** It may take the place of those with a lower rank. */
  readonly above: number;
  /** Called when its place is taken. */
  readonly hangUp: () => void;
}

interface Member {
  readonly kind: string;
  readonly hangUp: () => void;
  rank: number;
}

export class Crowd {
  readonly #limits: { readonly total: number; readonly each: number };
  /** The oldest first. */
  readonly #members = new Set<Member>();

  constructor(limits: { readonly total: number; readonly each: number }) {
    this.#limits = limits;
  }

  /** Null: there is no room, and nobody has to make any. */
  enter(kind: string, { rank, above, hangUp }: Newcomer): Seat | null {
    const same = [...this.#members].filter((member) => member.kind === kind);
    if (same.length >= this.#limits.each) {
      if (!this.#makeRoom(same, above)) return null;
    } else if (this.#members.size >= this.#limits.total) {
      if (!this.#makeRoom([...this.#members], above)) return null;
    }
    return this.#seat({ kind, rank, hangUp });
  }

  #seat(member: Member): Seat {
    this.#members.add(member);
    return {
      setRank: (rank) => {
        if (!this.#members.delete(member)) return;
        member.rank = rank;
        this.#members.add(member);
      },
      leave: () => void this.#members.delete(member),
    };
  }

  #makeRoom(candidates: readonly Member[], above: number): boolean {
    const leaving = firstToGo(candidates.filter(({ rank }) => rank < above));
    if (leaving === null) return false;
    this.#members.delete(leaving);
    leaving.hangUp();
    return true;
  }
}

/** Of the lowest rank, and of the kind that has most of them, the oldest. */
function firstToGo(members: readonly Member[]): Member | null {
  const lowest = Math.min(...members.map(({ rank }) => rank));
  const low = members.filter(({ rank }) => rank === lowest);
  const counts = new Map<string, number>();
  for (const { kind } of low) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return low.find(({ kind }) => counts.get(kind) === most) ?? null;
}
