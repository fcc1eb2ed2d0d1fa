/** Real keys that commits are signed with, of OpenSSH and GnuPG, in a directory of the test. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";

/** The config that makes git sign. */
export interface Signer {
  readonly config: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

export interface SshSigner extends Signer {
  /** A line as ssh-keygen(1) has it under ALLOWED SIGNERS. */
  readonly allowed: string;
}

export async function makeSshSigner(dir: string, name: string): Promise<SshSigner> {
  const file = join(dir, `${name}.key`);
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
  const allowed = `${name}@example.org ${readFileSync(`${file}.pub`, "utf8").trim()}\n`;
  return { config: { "gpg.format": "ssh", "user.signingKey": file }, env: {}, allowed };
}

/** A GnuPG home of its own, with one key; `await using` ends the agent that GnuPG starts for it. */
export class GpgSigner implements Signer, AsyncDisposable {
  readonly config: Signer["config"];
  readonly env: { readonly GNUPGHOME: string };

  private constructor(home: string, name: string) {
    this.config = { "gpg.format": "openpgp", "user.signingKey": name };
    this.env = { GNUPGHOME: home };
  }

  static async make(dir: string, name: string): Promise<GpgSigner> {
    const home = join(dir, `${name}.gnupg`);
    mkdirSync(home, { mode: 0o700 });
    const signer = new GpgSigner(home, `${name}@example.org`);
    await signer.gpg("--quick-gen-key", `${name} <${name}@example.org>`, "ed25519", "sign", "0");
    return signer;
  }

  /** The public key, as others get it. */
  async publicKey(): Promise<string> {
    return this.gpg("--export", "--armor");
  }

  /** GnuPG made a certificate for this at once with the key. */
  async revoke(): Promise<void> {
    const fingerprint = /^fpr:+(\w+):/m.exec(await this.gpg("--list-keys", "--with-colons"))?.[1] ?? "";
    const file = join(this.env.GNUPGHOME, "openpgp-revocs.d", `${fingerprint}.rev`);
    // A colon keeps it from being used by mistake.
    await this.gpg("--import", "-", readFileSync(file, "utf8").replace(/^:-----/m, "-----"));
  }

  /** The last argument is its input when the one before is `-`. */
  async gpg(...args: readonly string[]): Promise<string> {
    const reads = args.at(-2) === "-";
    const argv = ["gpg", "--batch", "--quiet", "--passphrase", "", ...(reads ? args.slice(0, -1) : args)];
    return (await run(argv, { env: this.env, ...(reads && { input: args.at(-1) ?? "" }) })).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["gpgconf", "--homedir", this.env.GNUPGHOME, "--kill", "all"]);
  }
}
