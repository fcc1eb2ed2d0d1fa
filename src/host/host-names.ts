/** The names of this host. */
import { hostname } from "node:os";

/** The names that a host answers to: its hostname, its short form, and those given. */
export function hostNames(given: readonly string[]): string[] {
  const own = hostname();
  return [...new Set([own, own.split(".")[0] ?? own, ...given])];
}
