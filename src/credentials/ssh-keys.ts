/** Reads the SSH public keys of the config, and again when their files change. */
import { dirname, resolve } from "node:path";
import { renderFindings } from "../config/errors/config-error.ts";
import { Findings, quote } from "../config/errors/finding.ts";
import type { AccessKey } from "../model/service.ts";
import { type KnownKey, type ParsedKeys, parseKeyFile } from "../model/ssh-public-key.ts";
import { readRootFile } from "../platform/files/root-file.ts";
import { stampOf } from "../platform/files/watch-path.ts";
import type { Log } from "../platform/log.ts";

const fileMaxBytes = 64 * 1024;
const filesMax = 100;

/** Paths in the config are relative to its directory. */
export function besideConfig(configPath: string, keys: readonly AccessKey[]): readonly AccessKey[] {
  return keys.map((key) => ({ ...key, path: resolve(dirname(configPath), key.path) }));
}

/** Errors in the key files, one line each like any error of the config. */
export async function keyFaults(
  config: { readonly path: string; readonly text: string },
  keys: readonly AccessKey[],
): Promise<readonly string[]> {
  const findings = new Findings();
  if (keys.length > filesMax)
    findings.add(["global", "keys"], `has ${keys.length} files; put several keys into one, a line each`);
  for (const [index, { path }] of keys.entries()) {
    const read = readKeyFile(path);
    if (!read.ok) findings.add(["global", "keys", index, "path"], `${quote(path)} ${read.why}`);
  }
  return renderFindings(config, findings);
}

function readKeyFile(path: string): ParsedKeys {
  const read = readRootFile(path, "the file of a public key", fileMaxBytes);
  return read.ok ? parseKeyFile(read.bytes.toString("utf8")) : read;
}

/** The files whose keys are not accepted now, and why. */
export function keysLeftOut(keys: readonly AccessKey[]): readonly string[] {
  return keys.flatMap(({ path }) => {
    const read = readKeyFile(path);
    return read.ok ? [] : [`${path} ${read.why}`];
  });
}

const readEveryMs = 1_000;

/** The keys as in their files now; unreadable ones are not accepted. */
export class KeyRing {
  readonly #files: readonly AccessKey[];
  readonly #log: Pick<Log, "info" | "warn">;
  #readAt = Number.NEGATIVE_INFINITY;
  #stamp = "";
  #keys: readonly KnownKey[] = [];

  constructor(files: readonly AccessKey[], log: Pick<Log, "info" | "warn">) {
    this.#files = files;
    this.#log = log;
  }

  /** Reads the files at most once per second, whatever the number of callers. */
  current(): readonly KnownKey[] {
    const now = performance.now();
    if (now - this.#readAt < readEveryMs) return this.#keys;
    this.#readAt = now;
    const stamp = this.#files.map(({ path }) => stampOf(path)).join("\n");
    if (stamp !== this.#stamp) this.#read(stamp);
    return this.#keys;
  }

  #read(stamp: string): void {
    if (this.#stamp !== "")
      this.#log.info("ssh: a file of public keys has changed, and is used as it is now");
    this.#stamp = stamp;
    const keys = this.#files.flatMap((file) => this.#keysOf(file));
    // A key that is listed twice gets the lesser role, because the first match counts.
    this.#keys = keys.toSorted((a, b) => Number(b.readOnly) - Number(a.readOnly));
  }

  #keysOf({ path, readOnly }: AccessKey): readonly KnownKey[] {
    const read = readKeyFile(path);
    if (!read.ok) this.#log.warn(`ssh: ${quote(path)} ${read.why}; its keys do not come in`);
    return read.ok ? read.keys.map((key) => ({ ...key, readOnly })) : [];
  }
}
