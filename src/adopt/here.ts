/** Adoption on this host, with the defaults of the command line. */
import { resolve } from "node:path";
import { exec } from "../platform/process/exec.ts";
import { type Adopted, type AdoptOptions, adopt } from "./adopt.ts";
import { defaultConfigPath } from "./config-text.ts";
import { type AdoptedEdits, adoptEdits, type DriftOptions, type LocalEdits } from "./drift.ts";
import { defaultLimits, type Limits } from "./limits.ts";

interface Given {
  /** Null: the default. */
  readonly config: string | null;
  readonly limits: { readonly [L in keyof Limits]: number | null };
}

/** @throws Problem */
export function adoptHere(given: Omit<AdoptOptions, keyof Given> & Given, now: Date): Promise<Adopted> {
  const take = given.take.map((path) => resolve(path));
  return adopt({ ...given, ...withDefaults(given), take }, exec, now);
}

/** @throws Problem */
export function adoptEditsHere(
  given: Omit<DriftOptions, keyof Given> & Given,
  edits: LocalEdits,
  now: Date,
): Promise<AdoptedEdits> {
  const by = process.env.SUDO_USER || "root";
  return adoptEdits({ ...given, ...withDefaults(given) }, edits, { exec, now, by });
}

function withDefaults({ config, limits }: Given): { readonly config: string; readonly limits: Limits } {
  return {
    config: config === null ? defaultConfigPath : resolve(config),
    limits: {
      files: limits.files ?? defaultLimits.files,
      bytes: limits.bytes ?? defaultLimits.bytes,
      fileBytes: limits.fileBytes ?? defaultLimits.fileBytes,
    },
  };
}
