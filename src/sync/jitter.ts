/** The part of an interval by which a host polls later than others: from 0 to 1, constant for an upstream, and even over a fleet. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Hashed together with the machine id, which must not leave the host (machine-id(5)). */
export function createJitter(id: string): (upstream: string) => number {
  return (upstream) => createHash("sha256").update(`${id}\0${upstream}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** The machine's id, or its name where it has none. */
export function machineId(): string {
  try {
    const id = readFileSync("/etc/machine-id", "utf8").trim();
    if (/^[0-9a-f]{32}$/.test(id)) return id;
  } catch {
    // A host without systemd may have none.
  }
  return hostname();
}
