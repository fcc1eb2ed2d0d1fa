/** Parses what to do about drift, and where symlinks may lead. */
import { type AbsPath, parseAbsPath } from "../../model/path.ts";
import type { Drift } from "../../model/service.ts";
import { quote } from "../errors/finding.ts";
import type { GlobalFile, ServiceFile } from "../file.ts";
import type { Table } from "./table.ts";
import { oneOf } from "./values/parsed.ts";

const healsMax = 3_600;

/** Parses the keys that [global] and a service share. */
export function readDrift(
  table: Table<Pick<GlobalFile, "drift" | "heals_per_hour">>,
  fallback: Drift,
): Drift {
  const mode = table.optional("drift", parseMode) ?? fallback.mode;
  const healsPerHour = table.file.heals_per_hour ?? fallback.healsPerHour;
  if (healsPerHour < 1 || healsPerHour > healsMax)
    table.report("heals_per_hour", `${healsPerHour} is not from 1 to ${healsMax}; use one such as 6`);
  return { mode, healsPerHour };
}

const parseMode = oneOf(
  ["report", "heal"],
  (text) => `${text} is not what can be done about drift; use "report" or "heal"`,
);

/** The directories outside of the links that symlinks of the repository may lead to. */
export function readSymlinksTo(service: Table<ServiceFile>): readonly AbsPath[] {
  return (service.file.outside_symlinks ?? []).flatMap((text, index) => {
    const path = parseAbsPath(text);
    if (path !== null && path !== "/") return [path];
    const why = path === null ? "is relative" : "is everything";
    service.report(
      ["outside_symlinks", index],
      `${quote(text)} ${why}; use an absolute path, such as "/usr/share/nginx"`,
    );
    return [];
  });
}
