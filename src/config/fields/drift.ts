/** Parses what to do about drift, and where symlinks may lead. */
import { type AbsPath, parseAbsPath } from "../../model/path.ts";
import type { Drift } from "../../model/service.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import type { GlobalFile } from "../file.ts";
import { createFields } from "./fields.ts";
import { oneOf } from "./values/parsed.ts";

const healsMax = 3_600;

/** Parses the keys that [global] and a service share. */
export function readDrift(
  file: Pick<GlobalFile, "drift" | "heals_per_hour">,
  fallback: Drift,
  at: Path,
  findings: Findings,
): Drift {
  const mode = createFields(file, at, findings).optional("drift", parseMode) ?? fallback.mode;
  const healsPerHour = file.heals_per_hour ?? fallback.healsPerHour;
  if (healsPerHour < 1 || healsPerHour > healsMax)
    findings.add(
      [...at, "heals_per_hour"],
      `${healsPerHour} is not from 1 to ${healsMax}; use one such as 6`,
    );
  return { mode, healsPerHour };
}

const parseMode = oneOf(
  ["report", "heal"],
  (text) => `${text} is not what can be done about drift; use "report" or "heal"`,
);

/** The directories outside of the links that symlinks of the repository may lead to. */
export function readSymlinksTo(
  paths: readonly string[] | undefined,
  at: Path,
  findings: Findings,
): readonly AbsPath[] {
  return (paths ?? []).flatMap((text, index) => {
    const path = parseAbsPath(text);
    if (path !== null && path !== "/") return [path];
    const why = path === null ? "is relative" : "is everything";
    findings.add(
      [...at, "outside_symlinks", index],
      `${quote(text)} ${why}; use an absolute path, such as "/usr/share/nginx"`,
    );
    return [];
  });
}
