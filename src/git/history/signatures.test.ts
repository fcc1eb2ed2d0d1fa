import { expect, test } from "vitest";
import { explainGpg, explainSsh, kindOf } from "./signatures.ts";

const sha1 = { length: 40 };
const object = (...header: readonly string[]) =>
  ["tree 4b825dc6", "author A <a@x> 1 +0000", ...header, "", "a message", "", "gpgsig -----BEGIN PGP"].join(
    "\n",
  );

test.each([
  ["none", object()],
  ["SSH", object("gpgsig -----BEGIN SSH SIGNATURE-----", " U1NIU0lH")],
  ["OpenPGP", object("gpgsig -----BEGIN PGP SIGNATURE-----", " ")],
  ["OpenPGP", object("gpgsig -----BEGIN PGP MESSAGE-----", " ")],
  ["X.509", object("gpgsig -----BEGIN SIGNED MESSAGE-----", " ")],
  ["unknown", object("gpgsig -----BEGIN TRUST ME-----", " ")],
  // Git reads that of the repository's own ids alone.
  ["none", object("gpgsig-sha256 -----BEGIN SSH SIGNATURE-----", " ")],
])("a commit's header tells how it is signed: %s", (kind, text) => {
  expect(kindOf(text, sha1)).toBe(kind);
});

test("a commit with a SHA-256 id has its signature under another name", () => {
  expect(kindOf(object("gpgsig-sha256 -----BEGIN SSH SIGNATURE-----"), { length: 64 })).toBe("SSH");
});

test("why an SSH signature does not count", () => {
  const unknown = 'Good "git" signature with ED25519 key SHA256:/uCU\nNo principal matched.\n';
  expect(explainSsh(unknown)).toContain(
    "a key that allowed_signers does not have, or not for that time (SHA256:/uCU)",
  );
  expect(explainSsh("Signature verification failed: incorrect signature\n")).toContain("that is not good");
});

test.each([
  ["[GNUPG:] ERRSIG FC16 22 8 00 1 9 B404\n[GNUPG:] NO_PUBKEY FC16\n", "gpg_keyring does not have (FC16)"],
  ["[GNUPG:] NEWSIG\n[GNUPG:] EXPKEYSIG FC16 A <a@x>\n", "signed by a key that has expired (FC16)"],
  ["[GNUPG:] REVKEYSIG FC16 A <a@x>\n", "signed by a key that was revoked (FC16)"],
  ["[GNUPG:] EXPSIG FC16 A <a@x>\n", "a signature that has expired, by the key (FC16)"],
  ["[GNUPG:] BADSIG FC16 A <a@x>\n", "an OpenPGP signature that is not good"],
])("why an OpenPGP signature does not count: %j", (said, why) => {
  expect(explainGpg(said)).toContain(why);
});
