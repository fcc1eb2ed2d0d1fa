/** Suggests the word that a mistyped one was meant to be. */
import { quote } from "./finding.ts";

const wordMaxChars = 40;

/** The known word within a third of its letters of the given one; null: none. */
export function nearest(given: string, known: readonly string[]): string | null {
  if (given.length > wordMaxChars) return null;
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const word of known) {
    const distance = editDistance(given.toLowerCase(), word);
    if (distance <= Math.max(1, Math.floor(word.length / 3)) && distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean "reload"?`; the other remedy when no known word is near. */
export function didYouMean(given: string, known: readonly string[], otherwise: string): string {
  const meant = nearest(given, known);
  return meant === null ? otherwise : `did you mean ${quote(meant)}?`;
}

/** Levenshtein's distance: how many letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
