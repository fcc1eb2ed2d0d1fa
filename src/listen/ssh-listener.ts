/** Opens the SSH listener of `-s`: its host key, the accepted keys, and whether it opens at all. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { KeyRing } from "../credentials/ssh-keys.ts";
import type { AbsPath } from "../model/path.ts";
import type { AccessKey } from "../model/service.ts";
import { setAside } from "../platform/files/set-aside.ts";
import { hostKeyPath } from "../platform/files/state-paths.ts";
import { writeFileAtomic } from "../platform/files/write-whole.ts";
import type { Log } from "../platform/log.ts";
import type { Listener } from "../server/http/http.ts";
import type { SshOptions } from "../server/ssh/ssh.ts";

const defaultAddress = ":2222";

export interface SshListenerOptions extends Pick<SshOptions, "router" | "failedLogins"> {
  /** The value of `-s`. Null: open if the config has keys; empty: closed. */
  readonly ssh: string | null;
  readonly keys: readonly AccessKey[];
  readonly stateDir: AbsPath;
  readonly log: Log;
}

/**
 * One listener or none. ssh2 is loaded only when the listener opens.
 * @throws ListenFailure
 */
export async function openSshListener(options: SshListenerOptions): Promise<readonly Listener[]> {
  const { ssh, keys, stateDir, router, failedLogins, log } = options;
  const address = ssh ?? defaultAddress;
  if (keys.length === 0 || address === "") return [];
  const { serveSsh } = await import("../server/ssh/ssh.ts");
  const hostKey = await ownHostKey(hostKeyPath(stateDir), log);
  const ring = new KeyRing(keys, log);
  const current = () => ring.current();
  const listener = await serveSsh({ address, flag: "-s", hostKey, keys: current, router, failedLogins });
  const count = `${current().length} key${current().length === 1 ? "" : "s"}`;
  log.info(`ssh: ${listener.address} lets ${count} in`);
  return [listener];
}

/** The host key is made once, because clients remember it. A damaged one is set aside. */
async function ownHostKey(path: AbsPath, log: Log): Promise<string> {
  const { makeHostKey, parseHostKey } = await import("./host-key.ts");
  const isThere = existsSync(path);
  let key = isThere ? parseHostKey(readKeyFile(path)) : null;
  if (isThere && key === null) {
    const aside = setAside(path, new Date());
    log.error(
      `ssh: the host key ${path} is damaged, or no ed25519 key of OpenSSH: it is ${aside} now; clients that know it refuse the new one`,
    );
  }
  if (key === null) {
    const made = makeHostKey();
    writeFileAtomic(`${path}.pub`, `${made.public}\n`);
    writeFileAtomic(path, made.text, 0o600);
    key = made;
  }
  log.info(`ssh: the host key is ${key.fingerprint} (ED25519)`);
  return key.text;
}

const hostKeyMaxBytes = 64 * 1024;

/** Empty: it is no file, or too large for a key. */
function readKeyFile(path: string): string {
  const seen = statSync(path);
  return seen.isFile() && seen.size <= hostKeyMaxBytes ? readFileSync(path, "utf8") : "";
}
