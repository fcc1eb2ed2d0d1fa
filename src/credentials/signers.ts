/** The keys for verifying commits: root's files, and copies that a service's user can read. */
import { hash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Signers } from "../git/history/signatures.ts";
import type { AbsPath } from "../model/path.ts";
import { Problem } from "../model/problem.ts";
import type { Verify } from "../model/service.ts";
import { type RootFile, readRootFile } from "../platform/files/root-file.ts";
import { signersDir } from "../platform/files/state-paths.ts";
import { hasCode } from "../platform/files/write-whole.ts";
import { type Exec, ExecFailure } from "../platform/process/exec.ts";

const fileMaxBytes = 4 * 1024 * 1024;

/** A file in the format of ssh-keygen(1), ALLOWED SIGNERS. */
export function readAllowedSigners(path: string): RootFile {
  const read = readRootFile(path, "a file of allowed signers", fileMaxBytes);
  if (!read.ok || /^[ \t]*[^#\s].*\s(?:ssh-|ecdsa-|sk-)\S+\s+AAAA/m.test(read.bytes.toString("latin1")))
    return read;
  return { ok: false, why: 'has no key; it takes lines such as "ann@example.org ssh-ed25519 AAAA…"' };
}

/** Public keys, as `gpg --export` writes them, armored or not. */
export function readKeyring(path: string): RootFile {
  const read = readRootFile(path, "a file of OpenPGP public keys", fileMaxBytes);
  if (!read.ok || isExport(read.bytes)) return read;
  return { ok: false, why: "has no OpenPGP public keys at its start; write it with gpg --export" };
}

/** RFC 4880, 4.2: the first packet has to be a public key, tag 6, in the old or the new format. */
function isExport(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  const isKey = (first & 0xfc) === 0x98 || first === 0xc6;
  return isKey || /^[ \t]*-----BEGIN PGP PUBLIC KEY BLOCK-----/m.test(bytes.toString("latin1"));
}

/** Where copies are put, and what runs gpg. */
interface SignerTools {
  readonly stateDir: AbsPath;
  readonly exec: Exec;
}

/**
 * The keys as their files have them now, where every user can read them and no user but root can change
 * them. A copy is named after its content, and kept until the next start. @throws Problem
 */
export async function signersOf(
  { allowedSigners, gpgKeyring }: Verify,
  tools: SignerTools,
): Promise<Signers> {
  const ssh = allowedSigners === null ? null : bytesOf(allowedSigners, readAllowedSigners);
  const gpg = gpgKeyring === null ? null : bytesOf(gpgKeyring, readKeyring);
  const digests = [ssh, gpg].map((bytes) => bytes && hash("sha256", bytes));
  const digest = hash("sha256", JSON.stringify(digests));
  const place = join(signersDir(tools.stateDir), digest.slice(0, 32));
  if (!existsSync(place)) await make(place, { ssh, gpg }, tools);
  const at = (name: string) => join(place, name) as AbsPath;
  return { digest, allowedSigners: ssh && at("allowed_signers"), gnupgHome: gpg && at("gnupg") };
}

function bytesOf(path: string, read: (path: string) => RootFile): Buffer {
  const file = read(path);
  if (file.ok) return file.bytes;
  throw new Problem("git", `Cannot verify signatures: ${JSON.stringify(path)} ${file.why}`, {
    code: "unsigned",
  });
}

/** Written beside its final path and renamed, so that it is complete or missing. */
async function make(
  place: string,
  { ssh, gpg }: { readonly ssh: Buffer | null; readonly gpg: Buffer | null },
  { stateDir, exec }: SignerTools,
): Promise<void> {
  const parent = signersDir(stateDir);
  mkdirSync(parent, { recursive: true });
  chmodSync(parent, 0o711);
  const beside = mkdtempSync(join(parent, "new-"));
  try {
    chmodSync(beside, 0o755);
    if (ssh !== null) writeReadable(join(beside, "allowed_signers"), ssh);
    if (gpg !== null) await makeGnupgHome(join(beside, "gnupg"), gpg, exec);
    renameSync(beside, place);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    // Another service has made it meanwhile, with the same content.
    if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
  }
}

/** Readable for every user, whatever our umask is. */
function writeReadable(path: string, bytes: Buffer): void {
  writeFileSync(path, bytes);
  chmodSync(path, 0o644);
}

/** Only verifies: writes nothing, starts nothing, and uses no network. */
const gpgConfig = [
  "batch",
  "no-tty",
  "trust-model always",
  "no-auto-check-trustdb",
  "lock-never",
  "no-autostart",
  "disable-dirmngr",
  "no-auto-key-retrieve",
  "no-random-seed-file",
  "no-permission-warning",
];
const importTimeoutMs = 60_000;

async function makeGnupgHome(home: string, keys: Buffer, exec: Exec): Promise<void> {
  mkdirSync(home);
  writeFileSync(join(home, "gpg.conf"), `${gpgConfig.join("\n")}\n`);
  const given = join(home, "keys");
  writeFileSync(given, keys);
  try {
    await exec(["gpg", "--homedir", home, "--quiet", "--import", given], { timeoutMs: importTimeoutMs });
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    const why = error.message.includes("ENOENT") ? "this host has no gpg; install gnupg" : error.keyLine;
    throw new Problem("git", `Cannot verify signatures: gpg_keyring cannot be used: ${why}`, {
      code: "unsigned",
      cause: error,
    });
  }
  chmodSync(home, 0o755);
  for (const name of ["gpg.conf", "pubring.kbx"]) chmodSync(join(home, name), 0o644);
}
