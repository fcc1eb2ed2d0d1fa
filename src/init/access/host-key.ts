/** Makes the host key of an ssh server known: never without a fingerprint that a person or a flag has confirmed. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StartFailure } from "../../daemon/setup.ts";
import { type KnownKey, parseKeyFile } from "../../model/ssh-public-key.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import type { Person } from "../person.ts";
import type { SshServer } from "./ssh-server.ts";

type HostKey = Omit<KnownKey, "readOnly">;

interface HostKeyPorts {
  readonly person: Person | null;
  readonly say: (line: string) => void;
  readonly exec: Exec;
}

/** The best that ssh supports comes first. */
const types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/** Adds the key to `~/.ssh/known_hosts`. `given`: what `--host-key` says. @throws StartFailure */
export async function learnHostKey(
  server: SshServer,
  given: string | null,
  home: string,
  ports: HostKeyPorts,
): Promise<void> {
  const key = await chooseKey(server, given, ports);
  const file = join(home, ".ssh", "known_hosts");
  addKnownHost(file, `${server.knownAs} ${key.type} ${key.blob.toString("base64")}`);
  ports.say(`added the host key of ${server.knownAs} to ${file}`);
}

async function chooseKey(server: SshServer, given: string | null, ports: HostKeyPorts): Promise<HostKey> {
  if (given !== null && !given.startsWith("SHA256:")) return parseGiven(given);
  const offered = await scan(server, ports.exec);
  const [best] = offered;
  if (best === undefined)
    throw new StartFailure([`${server.knownAs} shows no host key of a known type; give it with --host-key`]);
  if (given !== null) {
    const same = offered.find(({ fingerprint }) => fingerprint === given);
    if (same !== undefined) return same;
    const shown = offered.map(({ fingerprint }) => fingerprint).join(", ");
    throw new StartFailure([
      `${server.knownAs} shows ${shown}, and not the key of --host-key: it is not trusted`,
    ]);
  }
  return confirmed(best, server, ports);
}

async function confirmed(
  key: HostKey,
  { knownAs }: SshServer,
  { person, say }: HostKeyPorts,
): Promise<HostKey> {
  const shown = `${key.type} ${key.fingerprint}`;
  if (person === null)
    throw new StartFailure([
      `The host key of ${knownAs} is not known. It shows ${shown}; compare that with what the server's administrator says, and give --host-key ${key.fingerprint}`,
    ]);
  say(`${knownAs} shows this host key:\n  ${shown}`);
  if (await person.confirm("Is it what the server's administrator says?")) return key;
  throw new StartFailure([`The host key of ${knownAs} was not confirmed; nothing was added to known_hosts`]);
}

/** The text of `--host-key`. @throws StartFailure */
export function parseGiven(text: string): HostKey {
  const parsed = parseKeyFile(text);
  const [key] = parsed.ok ? parsed.keys : [];
  if (key !== undefined && parsed.ok && parsed.keys.length === 1) return key;
  const why = parsed.ok ? "has several keys; give one" : parsed.why;
  throw new StartFailure([`--host-key ${why}; or give a fingerprint, such as SHA256:…`]);
}

async function scan(
  { hostname, port, knownAs, isBehind }: SshServer,
  exec: Exec,
): Promise<readonly HostKey[]> {
  if (isBehind)
    throw new StartFailure([
      `The host key of ${knownAs} is not known, and it is behind a proxy of ~/.ssh/config: give its public key with --host-key, or connect once by hand`,
    ]);
  const argv = ["ssh-keyscan", "-T", "15", "-p", port, "-t", "ed25519,ecdsa,rsa", "--", hostname];
  try {
    return keysIn((await exec(argv, { timeoutMs: 60_000, stdoutMaxBytes: 64 * 1024 })).stdout);
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    throw new StartFailure([`Cannot ask ${knownAs} for its host key: ${error.keyLine}`], { cause: error });
  }
}

/** The keys in the output of ssh-keyscan(1), the best one first. Pure. */
export function keysIn(text: string): readonly HostKey[] {
  const keys = text.split("\n").flatMap((line) => {
    const [host = "", ...key] = line.split(" ");
    const parsed = host === "" || host.startsWith("#") ? null : parseKeyFile(key.join(" "));
    return parsed?.ok ? parsed.keys : [];
  });
  return keys.toSorted((a, b) => types.indexOf(a.type) - types.indexOf(b.type));
}

/** In one write, as ssh does it. */
function addKnownHost(file: string, line: string): void {
  makeSshDirectory(file);
  const before = existsSync(file) ? readFileSync(file, "latin1") : "";
  const lineBreak = before === "" || before.endsWith("\n") ? "" : "\n";
  appendFileSync(file, `${lineBreak}${line}\n`, { mode: 0o600, flush: true });
}

/** The directory of a file in `~/.ssh`, as ssh wants it. */
export function makeSshDirectory(file: string): void {
  const directory = join(file, "..");
  if (existsSync(directory)) return;
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
}
