/** Known certificates: a line `host:port SHA256:…` each, in a file of the user. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../../model/text/error-message.ts";
import { hasCode, writeFileAtomic } from "../../platform/files/write-whole.ts";
import { Failure } from "../failure.ts";
import type { CertificateStore } from "./connection.ts";

export interface PresentedCertificate {
  /** `host:port` */
  readonly at: string;
  readonly shows: string;
}

/** How a certificate compares with the file. */
export type PinVerdict = "known" | "new" | { readonly expected: string; readonly line: number };

/** Pure; skips lines that are not pins, and compares host names case-insensitively. */
export function judgePin(text: string, { at, shows }: PresentedCertificate): PinVerdict {
  for (const [index, line] of text.split("\n").entries()) {
    const [host = "", expected = ""] = line.trim().split(/\s+/);
    if (host.toLowerCase() !== at.toLowerCase() || !expected.startsWith("SHA256:")) continue;
    return expected === shows ? "known" : { expected, line: index + 1 };
  }
  return "new";
}

/**
 * Resolves when the certificate is known, or is the first one, which is then saved.
 * @throws Failure for another certificate, with what to do
 */
export async function checkPin(
  shown: PresentedCertificate,
  { knownHosts, say }: CertificateStore,
): Promise<void> {
  if (accept(read(knownHosts), shown, knownHosts) === "known") return;
  const isNew = await withLock(knownHosts, () => {
    // Another gitopperctl may have written it meanwhile.
    const text = read(knownHosts);
    if (accept(text, shown, knownHosts) === "known") return false;
    const whole = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    writeFileAtomic(knownHosts, `${whole}${shown.at} ${shown.shows}\n`, 0o600);
    return true;
  });
  if (isNew)
    say(
      `${shown.at} is new here: its certificate ${shown.shows} is now remembered; compare it with the output of gitopperctl fingerprint on that host`,
    );
}

function accept(text: string, shown: PresentedCertificate, file: string): "known" | "new" {
  const judgement = judgePin(text, shown);
  if (typeof judgement === "string") return judgement;
  const { expected, line } = judgement;
  throw new Failure(
    `Cannot trust ${shown.at}: it shows the certificate ${shown.shows}, and ${expected} is known; another machine may be intercepting the connection. If it was changed on purpose, remove line ${line} of ${file}`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw new Failure(`Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

const lockTries = 100;
const lockEveryMs = 20;
const lockStaleMs = 10_000;

/** Lets one process at a time change the file; removes the lock of a killed process. */
async function withLock<T>(file: string, work: () => T): Promise<T> {
  const lock = `${file}.lock`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    for (let tries = 0; !take(lock); tries++) {
      if (tries === lockTries) throw new Error(`${lock} is in the way; remove it if no gitopperctl runs`);
      await pause(lockEveryMs);
    }
    try {
      return work();
    } finally {
      rmSync(lock, { force: true });
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`Cannot remember the certificate in ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, "wx", 0o600));
    return true;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Math.abs(Date.now() - since) > lockStaleMs) rmSync(lock, { force: true });
    return false;
  }
}
