/** Checks whether commits are signed by given keys, as `git verify-commit` judges. */
import { type Commit, parseCommit, shortCommit } from "../../model/commit.ts";
import type { AbsPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { isOverflow } from "../../platform/process/exec.ts";
import { type Git, gitProblem } from "../git.ts";
import type { Store } from "../types.ts";

/** The accepted keys; a kind without a path is refused. Only root can change the files. */
export interface Signers {
  /** Identifies this set of keys. */
  readonly digest: string;
  /** A file in the format of ssh-keygen(1), ALLOWED SIGNERS. */
  readonly allowedSigners: AbsPath | null;
  /** A GNUPGHOME with only these keys. */
  readonly gnupgHome: AbsPath | null;
}

const verifyTimeoutMs = 30_000;
const commitMaxMiB = 1;

/**
 * Null: the commit is signed by one of the keys. Otherwise why it is refused, as what follows "it", with the remedy.
 * @throws Problem when this cannot be decided
 */
export async function signatureFault(
  store: Store,
  commit: Commit,
  signers: Signers,
  git: Git,
): Promise<string | null> {
  const what = `Cannot verify the signature of ${shortCommit(commit)}`;
  const env = signers.gnupgHome === null ? {} : { GNUPGHOME: signers.gnupgHome };
  const options = { okStatus: [0, 1], timeoutMs: verifyTimeoutMs, env };
  try {
    const object = await readCommit(store, commit, git);
    if (object === null) return `is larger than ${commitMaxMiB} MiB; push one with a shorter message`;
    const kind = kindOf(object, commit);
    const unfit = kindFault(kind, signers);
    if (unfit !== null) return unfit;
    const args = [...configOf(signers), "verify-commit", "--raw", commit];
    const { status, stderr } = await git(store, args, options);
    const missing = /cannot run (\S+?):/.exec(stderr)?.[1];
    if (missing !== undefined) throw new Problem("git", `${what}: ${notHere(missing)}`);
    // The exit status decides; the output has to be of that kind too.
    if (status === 0 && good[kind]?.test(stderr)) return null;
    return kind === "SSH" ? explainSsh(stderr) : explainGpg(stderr);
  } catch (error) {
    throw gitProblem(what, error);
  }
}

/** Null: the commit is too large. */
async function readCommit(store: Store, commit: Commit, git: Git): Promise<string | null> {
  const options = { stdoutMaxBytes: commitMaxMiB * 1024 * 1024 };
  try {
    return (await git(store, ["cat-file", "commit", commit], options)).stdout;
  } catch (error) {
    if (isOverflow(error)) return null;
    throw error;
  }
}

function notHere(program: string): string {
  return `this host has no ${program}; install ${program === "gpg" ? "gnupg" : "openssh-client"}`;
}

/** A program that accepts no signature. */
const refuses = "false";

/** Takes precedence over any config of the store. */
function configOf({ allowedSigners, gnupgHome }: Signers): string[] {
  const gpg = gnupgHome === null ? refuses : "gpg";
  const config = {
    "gpg.program": gpg,
    "gpg.openpgp.program": gpg,
    "gpg.x509.program": refuses,
    "gpg.ssh.program": allowedSigners === null ? refuses : "ssh-keygen",
    "gpg.ssh.allowedSignersFile": allowedSigners ?? "/dev/null",
    "gpg.minTrustLevel": "undefined",
  };
  return Object.entries(config).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
}

type Kind = "none" | "SSH" | "OpenPGP" | "X.509" | "unknown";

const good: Partial<Record<Kind, RegExp>> = {
  SSH: /^Good "git" signature for /m,
  OpenPGP: /^\[GNUPG:\] GOODSIG /m,
};

/** The kind of a commit's signature, from its header, as git reads it. */
export function kindOf(object: string, { length }: { readonly length: number }): Kind {
  const name = length === 64 ? "gpgsig-sha256" : "gpgsig";
  const [header = ""] = object.split("\n\n", 1);
  const line = header.split("\n").find((one) => one.startsWith(`${name} `));
  const armor = line?.slice(name.length + 1);
  if (armor === undefined) return "none";
  if (armor.startsWith("-----BEGIN SSH SIGNATURE-----")) return "SSH";
  if (/^-----BEGIN PGP (SIGNATURE|MESSAGE)-----/.test(armor)) return "OpenPGP";
  return armor.startsWith("-----BEGIN SIGNED MESSAGE-----") ? "X.509" : "unknown";
}

const remedy = "sign it with a key that verify names, and push again";

function kindFault(kind: Kind, { allowedSigners, gnupgHome }: Signers): string | null {
  if (kind === "none") return `is not signed; ${remedy}`;
  if (kind !== "SSH" && kind !== "OpenPGP")
    return `has an ${kind} signature, which gitopper does not take; ${remedy}`;
  const [keys, key] = kind === "SSH" ? [allowedSigners, "allowed_signers"] : [gnupgHome, "gpg_keyring"];
  return keys === null ? `has an ${kind} signature, and verify has no ${key}; ${remedy}` : null;
}

/** Parses the output of ssh-keygen(1) for `-Y check-novalidate` and `-Y verify`. */
export function explainSsh(said: string): string {
  const key = /^Good "git" signature with [A-Z0-9-]+ key (SHA256:[\w+/=]+)/m.exec(said)?.[1];
  if (key === undefined) return `has an SSH signature that is not good; ${remedy}`;
  return `is signed by a key that allowed_signers does not have, or not for that time (${key}); ${remedy}`;
}

const gpgStatus: readonly (readonly [RegExp, string])[] = [
  [/^\[GNUPG:\] NO_PUBKEY (\w+)/m, "is signed by a key that gpg_keyring does not have"],
  [/^\[GNUPG:\] REVKEYSIG (\w+)/m, "is signed by a key that was revoked"],
  [/^\[GNUPG:\] EXPKEYSIG (\w+)/m, "is signed by a key that has expired"],
  [/^\[GNUPG:\] EXPSIG (\w+)/m, "has a signature that has expired, by the key"],
];

/** Parses GnuPG's status lines (its doc/DETAILS). */
export function explainGpg(said: string): string {
  for (const [pattern, what] of gpgStatus) {
    const key = pattern.exec(said)?.[1];
    if (key !== undefined) return `${what} (${key}); ${remedy}`;
  }
  return `has an OpenPGP signature that is not good; ${remedy}`;
}

/**
 * The commits of `to` that `from` lacks, oldest first; `max + 1` of them mean that there are more. Null: the store lacks
 * `from`. @throws Problem
 */
export async function commitsSince(
  store: Store,
  { from, to }: { readonly from: Commit; readonly to: Commit },
  max: number,
  git: Git,
): Promise<Commit[] | null> {
  try {
    const known = ["cat-file", "-e", `${from}^{commit}`];
    const { status } = await git(store, known, { okStatus: [0, 1, 128] });
    if (status !== 0) return null;
    const args = ["rev-list", "--topo-order", "--reverse", `--max-count=${max + 1}`, to, `^${from}`];
    const { stdout } = await git(store, args);
    return stdout.split("\n").flatMap((line) => parseCommit(line) ?? []);
  } catch (error) {
    throw gitProblem(`Cannot list the commits up to ${shortCommit(to)}`, error);
  }
}
