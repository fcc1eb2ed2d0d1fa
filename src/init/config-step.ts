/** The config on this host: read before the questions, written after them; what others wrote is left alone. */
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { StartFailure } from "../daemon/setup.ts";
import { untrustedPart } from "../platform/files/trust.ts";
import { writeFileAtomic } from "../platform/files/write-whole.ts";
import type { Answers } from "./answers.ts";
import { answersIn, globalOf, isUntouched, renderConfig } from "./config-text.ts";

/** That of the packaged unit. */
export const configPath = "/etc/gitopper/config.toml";

export type ConfigSeen =
  | { readonly is: "absent" }
  /** As init wrote it. */
  | { readonly is: "ours"; readonly answers: Answers }
  /** `global` is what it says in [global]. */
  | { readonly is: "edited"; readonly global: Readonly<Record<string, unknown>> };

/** @throws StartFailure */
export function observeConfig(): ConfigSeen {
  if (!existsSync(configPath)) return { is: "absent" };
  const text = readFileSync(configPath, "utf8");
  const answers = answersIn(text);
  return answers !== null && isUntouched(text)
    ? { is: "ours", answers }
    : { is: "edited", global: globalOf(text) };
}

/** Keeps it where it is the same. @throws StartFailure */
export function writeConfig(seen: ConfigSeen, answers: Answers, say: (line: string) => void): void {
  const text = renderConfig(answers);
  if (seen.is === "ours" && renderConfig(seen.answers) === text) {
    say(`kept ${configPath}`);
    return;
  }
  const directory = dirname(configPath);
  if (!existsSync(directory)) {
    mkdirSync(directory);
    chmodSync(directory, 0o755);
  }
  const open = untrustedPart(configPath);
  if (open !== null)
    throw new StartFailure([`Others than root can write in ${open}; correct its owner and mode first`]);
  writeFileAtomic(configPath, text);
  say(`wrote ${configPath}`);
}

/** @throws StartFailure when the flags contradict a config that init must not change */
export function assertNoConflict(global: Readonly<Record<string, unknown>>, given: Partial<Answers>): void {
  for (const [key, value] of Object.entries(given))
    if (global[key] !== value)
      throw new StartFailure([
        `${configPath} is not as init wrote it, and says something else of ${key}: change it there, or leave out the flag; init does not overwrite it`,
      ]);
}
