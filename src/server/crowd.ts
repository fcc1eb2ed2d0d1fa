/** How many are here at once, in total and of each kind; who would be one too many does not get in. */
export class Crowd {
  readonly #limits: { readonly total: number; readonly each: number };
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(limits: { readonly total: number; readonly each: number }) {
    this.#limits = limits;
  }

  /** Null: there is no room. What comes back is called once, at the end. */
  enter(kind: string): (() => void) | null {
    const count = this.#counts.get(kind) ?? 0;
    if (this.#total >= this.#limits.total || count >= this.#limits.each) return null;
    this.#total++;
    this.#counts.set(kind, count + 1);
    return () => this.#leave(kind);
  }

  #leave(kind: string): void {
    this.#total--;
    const left = (this.#counts.get(kind) ?? 1) - 1;
    if (left === 0) this.#counts.delete(kind);
    else this.#counts.set(kind, left);
  }
}
