/** Parses the signatures that commits need. */
import type { Verify } from "../../model/service.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import type { VerifyFile } from "../file.ts";
import { createFields } from "./fields.ts";
import { accept, type Parsed, refuse } from "./values/parsed.ts";

const modes = 'use "head" (the commit that goes in), "all" (every commit on the way), or "off"';

/** The table's settings as a whole; without one, the fallback. */
export function readVerify(
  file: VerifyFile | undefined,
  fallback: Verify | null,
  at: Path,
  findings: Findings,
): Verify | null {
  if (file === undefined) return fallback;
  const place = [...at, "verify"];
  const fields = createFields<"mode" | "allowed_signers" | "gpg_keyring">(file, place, findings);
  const mode = fields.required("mode", parseMode, modes);
  const allowedSigners = fields.optional("allowed_signers", accept);
  const gpgKeyring = fields.optional("gpg_keyring", accept);
  if (mode === null || mode === "off") return null;
  if (allowedSigners === null && gpgKeyring === null)
    findings.add(
      place,
      'names no keys; add allowed_signers = "allowed_signers", or gpg_keyring = "keys.gpg"',
    );
  return { mode, allowedSigners, gpgKeyring };
}

function parseMode(text: string): Parsed<Verify["mode"] | "off"> {
  return text === "head" || text === "all" || text === "off"
    ? accept(text)
    : refuse(`${quote(text)} is not a mode; ${modes}`);
}
