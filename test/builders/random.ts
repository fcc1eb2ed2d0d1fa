/** Chance that can be repeated: the same seed gives the same numbers. */

export interface Random {
  readonly seed: number;
  /** From 0 up to, but not including, 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, but not including, `end`. */
  readonly below: (end: number) => number;
  readonly chance: (probability: number) => boolean;
}

/** The seed is that of the environment's `SEED`, to repeat a run that failed, or a new one. */
export function seedOf(env: Readonly<Record<string, string | undefined>>): number {
  return env.SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(env.SEED);
}

/** Mulberry32, which is good enough to choose moments and files. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    seed,
    next,
    below: (end) => Math.floor(next() * end),
    chance: (probability) => next() < probability,
  };
}
