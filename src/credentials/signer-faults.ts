/** Finds errors in the key files of `verify` when the config is read. */
import { dirname, resolve } from "node:path";
import { renderFindings } from "../config/errors/config-error.ts";
import { Findings, type Path, quote } from "../config/errors/finding.ts";
import type { Service } from "../model/service.ts";

/** One line each, like any error of the config; for the services of this host only. */
export async function signerFaults(
  config: { readonly path: string; readonly text: string },
  services: readonly Service[],
): Promise<readonly string[]> {
  const named = services.flatMap(({ verify }) => verify ?? []);
  if (named.length === 0) return [];
  const [{ readAllowedSigners, readKeyring }, { parse }] = await Promise.all([
    import("./signers.ts"),
    import("smol-toml"),
  ]);
  const files = named.flatMap(({ allowedSigners, gpgKeyring }) => [
    { key: "allowed_signers", path: allowedSigners, read: readAllowedSigners },
    { key: "gpg_keyring", path: gpgKeyring, read: readKeyring },
  ]);
  const document = parse(config.text);
  const findings = new Findings();
  for (const { key, path, read } of files) {
    const judged = path === null ? null : read(path);
    if (path === null || judged?.ok !== false) continue;
    const isIt = (value: unknown) =>
      typeof value === "string" && resolve(dirname(config.path), value) === path;
    for (const place of placesOf(document, key, isIt)) findings.add(place, `${quote(path)} ${judged.why}`);
  }
  return renderFindings(config, findings);
}

/** Finds the position of such a value in the config; the settings do not record whether it was in `global`. */
function placesOf(part: unknown, key: string, isIt: (value: unknown) => boolean): Path[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([name, value]): Path[] => {
    if (name === key && isIt(value)) return [[name]];
    const step = Array.isArray(part) ? Number(name) : name;
    return placesOf(value, key, isIt).map((path) => [step, ...path]);
  });
}
