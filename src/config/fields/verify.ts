/** Parses the signatures that commits need. */
import type { Verify } from "../../model/service.ts";
import type { Findings, Path } from "../errors/finding.ts";
import type { VerifyFile } from "../file.ts";
import { createFields } from "./fields.ts";
import { accept, oneOf } from "./values/parsed.ts";

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
  const fields = createFields(file, place, findings);
  const mode = fields.required("mode", parseMode, modes);
  const allowedSigners = fields.optional("allowed_signers", accept);
  const gpgKeyring = fields.optional("gpg_keyring", accept);
  if (mode === null || mode === "off") return null;
  const noKeys = 'names no keys; add allowed_signers = "allowed_signers", or gpg_keyring = "keys.gpg"';
  if (allowedSigners === null && gpgKeyring === null) findings.add(place, noKeys);
  return { mode, allowedSigners, gpgKeyring };
}

const parseMode = oneOf(["head", "all", "off"], (text) => `${text} is not a mode; ${modes}`);
