/** Parses the signatures that commits need. */
import type { Verify } from "../../model/service.ts";
import type { GlobalFile } from "../file.ts";
import type { Table } from "./table.ts";
import { accept, oneOf } from "./values/parsed.ts";

const modes = 'use "head" (the commit that goes in), "all" (every commit on the way), or "off"';

/** The table's settings as a whole; without one, the fallback. */
export function readVerify(outer: Table<Pick<GlobalFile, "verify">>, fallback: Verify | null): Verify | null {
  if (outer.file.verify === undefined) return fallback;
  const verify = outer.inner("verify");
  const mode = verify.required("mode", parseMode, modes);
  const allowedSigners = verify.optional("allowed_signers", accept);
  const gpgKeyring = verify.optional("gpg_keyring", accept);
  if (mode === null || mode === "off") return null;
  const noKeys = 'names no keys; add allowed_signers = "allowed_signers", or gpg_keyring = "keys.gpg"';
  if (allowedSigners === null && gpgKeyring === null) outer.report("verify", noKeys);
  return { mode, allowedSigners, gpgKeyring };
}

const parseMode = oneOf(["head", "all", "off"], (text) => `${text} is not a mode; ${modes}`);
