/** Real git, ssh-keygen and gpg verify commits, as a user without access to the keys' files. */
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signersOf } from "../../src/credentials/signers.ts";
import { prepareGit, prepareStateDir } from "../../src/daemon/boot.ts";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import { createGit } from "../../src/git/git.ts";
import { commitsSince, signatureFault } from "../../src/git/history/signatures.ts";
import { storeOf } from "../../src/git/store/store.ts";
import { findAccounts } from "../../src/host/accounts.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { gitConfigPath, templateDir } from "../../src/platform/files/state-paths.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { run } from "../host/run.ts";
import { GpgSigner, makeSshSigner, type Signer, type SshSigner } from "../host/signing-keys.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-sign-"));
chmodSync(scratch, 0o755);
const at = (name: string) => join(scratch, name);
const stack = new AsyncDisposableStack();
stack.defer(() => rmSync(scratch, { recursive: true, force: true }));
afterAll(() => stack.disposeAsync());

let upstream: Upstream;
let ann: SshSigner;
let bob: SshSigner;
let gpg: GpgSigner;
let judge: (commit: Commit, keys?: { ssh?: string | null; gpg?: string | null }) => Promise<string | null>;
let since: (from: Commit, to: Commit, max: number) => ReturnType<typeof commitsSince>;

beforeAll(async () => {
  upstream = stack.use(await makeUpstream({ files: { "app/conf": "one\n" } }));
  [ann, bob] = [await makeSshSigner(scratch, "ann"), await makeSshSigner(scratch, "bob")];
  gpg = stack.use(await GpgSigner.make(scratch, "gil"));
  writeFileSync(at("allowed"), ann.allowed);
  writeFileSync(at("keys.asc"), await gpg.publicKey());
  // Not our own, where there is another one.
  const accounts = await findAccounts([process.getuid?.() === 0 ? "nobody" : (process.env.USER ?? "")], exec);
  const [account] = [...accounts.values()];
  if (account === undefined) throw new Error("No user to run git as");
  const stateDir = join(scratch, "state") as AbsPath;
  prepareStateDir(stateDir);
  prepareGit(stateDir, [upstream.path]);
  const git = createGit({ exec, globalConfig: gitConfigPath(stateDir), onRun: () => {} });
  const store = storeOf(stateDir, upstream.path, account);
  const tools = { git, exec, template: templateDir(stateDir) };
  const fetch = () =>
    askUpstream(store, ["main"], tools, { signal: new AbortController().signal, known: null });
  judge = async (commit, { ssh = at("allowed"), gpg = at("keys.asc") } = {}) => {
    await fetch();
    const keys = await signersOf({ mode: "head", allowedSigners: ssh, gpgKeyring: gpg }, { stateDir, exec });
    return signatureFault(store, commit, keys, git);
  };
  since = async (from, to, max) => {
    await fetch();
    return commitsSince(store, { from, to }, max, git);
  };
});

let texts = 0;
const commit = (signer?: Signer) =>
  upstream.commit({ "app/conf": `${++texts}\n` }, signer === undefined ? {} : { signer });

test("a signature of a key that is given is good, of either kind", async () => {
  expect(await judge(await commit(ann))).toBeNull();
  expect(await judge(await commit(gpg))).toBeNull();
  expect(await judge(await commit(ann), { gpg: null })).toBeNull();
  expect(await judge(await commit(gpg), { ssh: null })).toBeNull();
});

test("what is not signed, or by a stranger, is refused with the key that it was", async () => {
  expect(await judge(await commit())).toMatch(/^is not signed; sign it with a key that verify names/);
  expect(await judge(await commit(bob))).toMatch(
    /^is signed by a key that allowed_signers does not have.*\(SHA256:/,
  );
  await using stranger = await GpgSigner.make(scratch, "eve");
  expect(await judge(await commit(stranger))).toMatch(
    /^is signed by a key that gpg_keyring does not have \([0-9A-F]{16}\)/,
  );
});

test("a kind of signature that no keys are given for is refused", async () => {
  expect(await judge(await commit(ann), { ssh: null })).toMatch(
    /^has an SSH signature, and verify has no allowed_signers/,
  );
  expect(await judge(await commit(gpg), { gpg: null })).toMatch(
    /^has an OpenPGP signature, and verify has no gpg_keyring/,
  );
});

/** The signature of one commit, on another. */
async function forge(signed: Commit, edit: (object: string) => string): Promise<Commit> {
  const { stdout } = await upstream.git("cat-file", "commit", signed);
  writeFileSync(at("object"), edit(stdout));
  const { stdout: id } = await upstream.git("hash-object", "-t", "commit", "-w", "--literally", at("object"));
  await upstream.git("update-ref", "refs/heads/main", id.trim());
  return id.trim() as Commit;
}

test("a commit that was changed after it was signed is refused", async () => {
  for (const signer of [ann, gpg]) {
    const forged = await forge(await commit(signer), (object) => object.replace(/\n\nchange/, "\n\nforged"));
    expect(await judge(forged)).toMatch(/^has an (SSH|OpenPGP) signature that is not good/);
  }
});

test("X.509 and unknown kinds are refused", async () => {
  const armored = (label: string) => (object: string) =>
    object.replaceAll(/-----(BEGIN|END) SSH SIGNATURE-----/g, `-----$1 ${label}-----`);
  expect(await judge(await forge(await commit(ann), armored("SIGNED MESSAGE")))).toMatch(
    /^has an X.509 signature/,
  );
  expect(await judge(await forge(await commit(ann), armored("TRUST ME")))).toMatch(
    /^has an unknown signature/,
  );
});

test("keys whose time has not come or is over are refused", async () => {
  const past = ann.allowed.replace(" ssh-", ' valid-before="20200101" ssh-');
  writeFileSync(at("past"), past);
  expect(await judge(await commit(ann), { ssh: at("past") })).toMatch(/or not for that time/);
  await using old = await GpgSigner.make(scratch, "old");
  const signed = await commit(old);
  await old.gpg(
    "--quick-set-expire",
    /^fpr:+(\w+):/m.exec(await old.gpg("--list-keys", "--with-colons"))?.[1] ?? "",
    "seconds=1",
  );
  writeFileSync(at("old.asc"), await old.publicKey());
  await expect
    .poll(() => judge(signed, { gpg: at("old.asc") }), { timeout: 10_000 })
    .toMatch(/by a key that has expired/);
});

test("a key that was revoked is refused", async () => {
  await using gone = await GpgSigner.make(scratch, "gone");
  const signed = await commit(gone);
  await gone.revoke();
  writeFileSync(at("gone.asc"), await gone.publicKey());
  expect(await judge(signed, { gpg: at("gone.asc") })).toMatch(/^is signed by a key that was revoked/);
});

test("a file of keys that changes counts at once, and one that others can change stops everything", async () => {
  const signed = await commit(bob);
  writeFileSync(at("team"), ann.allowed);
  expect(await judge(signed, { ssh: at("team") })).toMatch(/^is signed by a key/);
  writeFileSync(at("team.new"), ann.allowed + bob.allowed);
  renameSync(at("team.new"), at("team"));
  expect(await judge(signed, { ssh: at("team") })).toBeNull();
  chmodSync(at("team"), 0o666);
  await expect(judge(signed, { ssh: at("team") })).rejects.toThrow(
    `Cannot verify signatures: "${at("team")}" could be changed by others than root; look at owner and mode`,
  );
  rmSync(at("team"));
  await expect(judge(signed, { ssh: at("team") })).rejects.toThrow(
    "does not exist; give a file of allowed signers",
  );
});

test("files that are not what they should be are named, with what would be", async () => {
  const signed = await commit(ann);
  writeFileSync(at("empty"), "# ann@example.org ssh-ed25519 AAAA\n");
  await expect(judge(signed, { ssh: at("empty") })).rejects.toThrow("has no key; it takes lines such as");
  for (const wrong of ["allowed", "gil.gnupg/pubring.kbx"])
    await expect(judge(signed, { gpg: at(wrong) })).rejects.toThrow("write it with gpg --export");
  await gpg.gpg("--output", at("keys.gpg"), "--export");
  expect(await judge(await commit(gpg), { gpg: at("keys.gpg") })).toBeNull();
});

test("a keyring that gpg does not take is a problem, not a refusal", async () => {
  writeFileSync(
    at("broken.asc"),
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnonsense\n-----END PGP PUBLIC KEY BLOCK-----\n",
  );
  await expect(judge(await commit(gpg), { gpg: at("broken.asc") })).rejects.toThrow(
    "Cannot verify signatures: gpg_keyring cannot be used: ",
  );
});

test("the config of a store changes nothing of the judgement", async () => {
  const unsigned = await commit(bob);
  await judge(unsigned);
  const [store = ""] = (
    await run(["find", at("state/stores"), "-maxdepth", "2", "-name", "config"])
  ).stdout.split("\n");
  writeFileSync(at("yes"), '#!/bin/sh\necho "[GNUPG:] GOODSIG 1 x"; echo \'Good "git" signature for x\'\n');
  chmodSync(at("yes"), 0o755);
  const hostile = {
    "gpg.ssh.program": at("yes"),
    "gpg.program": at("yes"),
    "gpg.ssh.allowedSignersFile": at("bob"),
  };
  writeFileSync(at("bob"), bob.allowed);
  for (const [key, value] of Object.entries(hostile))
    await run(["git", "config", "--file", store, key, value]);
  await run(["chown", `--reference=${join(store, "..")}`, store]);
  expect(await judge(unsigned)).toMatch(/^is signed by a key that allowed_signers does not have/);
});

test("nothing of the keys can be changed by the user, and no agent stays", async () => {
  const places = (await run(["find", at("state/signers"), "-type", "f"])).stdout.trim().split("\n");
  expect(places.length).toBeGreaterThan(1);
  for (const place of places)
    expect([statSync(place).uid, statSync(place).mode & 0o022]).toEqual([process.getuid?.(), 0]);
  expect((await run(["find", at("state/signers"), "-type", "s"])).stdout).toBe("");
  expect(existsSync(at("state/signers"))).toBe(true);
});

test("what is between two commits is listed from the oldest on, and cut where it is too much", async () => {
  const [first, second, third] = [await commit(), await commit(), await commit()];
  expect(await since(first, third, 2)).toEqual([second, third]);
  expect(await since(first, third, 1)).toHaveLength(2);
  expect(await since(third, third, 2)).toEqual([]);
  expect(await since("0".repeat(40) as Commit, third, 2)).toBeNull();
});
