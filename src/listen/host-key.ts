/** Makes and reads the ed25519 host key of the SSH listener. */
import ssh2 from "ssh2";
import { fromWire } from "../model/ssh-public-key.ts";

export interface HostKey {
  /** The private key, as OpenSSH writes it. */
  readonly text: string;
  readonly fingerprint: string;
}

/** Null: it is damaged, or no ed25519 key of OpenSSH. */
export function parseHostKey(text: string): HostKey | null {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error || !parsed.isPrivateKey()) return null;
  const key = fromWire(parsed.getPublicSSH());
  return key?.type === "ssh-ed25519" ? { text, fingerprint: key.fingerprint } : null;
}

const triesMax = 20;

/** Makes a pair, `public` as a line for a `.pub` file. ssh2 1.17 leaves leading zeros out: about 1 pair in 200 is damaged. */
export function makeHostKey(): HostKey & { readonly public: string } {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const made = ssh2.utils.generateKeyPairSync("ed25519", { comment: "gitopper" });
    const key = parseHostKey(made.private);
    if (key !== null) return { ...key, public: made.public };
  }
  throw new Error(`Cannot make an SSH host key: ${triesMax} new ones were damaged`);
}
