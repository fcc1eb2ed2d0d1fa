/** Chooses the protocol for the address of `-a`: plain HTTP on loopback, HTTPS on any other address. */
import { lookup } from "node:dns/promises";
import { existsSync, mkdirSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { AbsPath } from "../model/path.ts";
import type { ApiSettings } from "../model/service.ts";
import { messageOf } from "../model/text/error-message.ts";
import { setAside } from "../platform/files/set-aside.ts";
import { tlsDir } from "../platform/files/state-paths.ts";
import { writeFileAtomic } from "../platform/files/write-whole.ts";
import type { Log } from "../platform/log.ts";
import { isLoopback, parseAddress } from "../server/address.ts";
import type { HttpEndpoint } from "../server/http/http.ts";
import { ListenFailure } from "../server/listen.ts";
import { loadTlsFiles, Tls, type TlsFiles } from "../server/tls/tls.ts";

export interface MainListenerOptions {
  readonly address: string;
  /** The names of this host. */
  readonly names: readonly string[];
  readonly api: ApiSettings;
  readonly stateDir: AbsPath;
  readonly log: Log;
}

/**
 * Chooses the endpoint, creates a certificate if one is needed and none is given, and logs a warning about insecure access.
 * Null: the listener stays closed, because HTTPS is needed and its files cannot be used.
 */
export async function planMainListener(options: MainListenerOptions): Promise<HttpEndpoint | null> {
  const { address, api, log } = options;
  const base = { address, flag: "-a" };
  const kind = listenerKindOf(api, await isInside(address));
  if (kind === "tls") {
    const tls = await openTls(options);
    return tls && { ...base, kind, tls, clients: api.clients };
  }
  if (kind === "insecure") {
    log.warn(
      `[api] insecure: ${address} can be reached over the network without encryption; everyone there can read the state of this host, and change nothing`,
    );
  }
  return kind === "loopback" ? { ...base, kind, loopback: api.loopback } : { ...base, kind };
}

/** SHA-256 of the certificate in use; null without HTTPS. */
export function fingerprintOf(endpoint: HttpEndpoint | null): string | null {
  return endpoint?.kind === "tls" ? endpoint.tls.fingerprint : null;
}

export function listenerKindOf(
  { cert, insecure }: ApiSettings,
  inside: boolean,
): "tls" | "loopback" | "insecure" {
  if (cert !== null) return "tls";
  if (inside) return "loopback";
  return insecure ? "insecure" : "tls";
}

/** Whether an address can be reached from this host only. `listen` reports an invalid address. */
async function isInside(address: string): Promise<boolean> {
  const parsed = parseAddress(address);
  if (parsed === null) return true;
  if (parsed.host === null) return false;
  const found = await lookup(parsed.host, { all: true }).catch(() => []);
  return found.every((each) => isLoopback(each.address));
}

async function openTls({ api, names, stateDir, log }: MainListenerOptions) {
  const { cert, key, clientCa } = api;
  const files = cert !== null && key !== null ? { cert, key } : await selfSigned(stateDir, names, log);
  try {
    const tls = new Tls({ ...files, clientCa }, log);
    log.info(`HTTPS shows the certificate ${tls.fingerprint}`);
    return tls;
  } catch (error) {
    if (!(error instanceof ListenFailure)) throw error;
    log.error("HTTPS stays closed; put its files right, and then: systemctl reload gitopper");
    return null;
  }
}

type CertFiles = Pick<TlsFiles, "cert" | "key">;

/** The host's own certificate is made once, because clients remember its fingerprint. */
async function selfSigned(stateDir: AbsPath, names: readonly string[], log: Log): Promise<CertFiles> {
  const directory = tlsDir(stateDir);
  const files = { cert: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  if (existsSync(files.cert) && existsSync(files.key) && isUsable(files, log)) return files;
  const { makeSelfSigned } = await import("../server/tls/self-signed.ts");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const made = makeSelfSigned([...new Set([hostname(), ...names, "localhost"])], ownAddresses(), new Date());
  writeFileAtomic(files.key, made.key, 0o600);
  writeFileAtomic(files.cert, made.cert, 0o600);
  log.info(`made a certificate for HTTPS in ${directory}; [api] cert and key name one of your own`);
  return files;
}

/** When the files cannot be used, they are set aside. */
function isUsable(files: CertFiles, log: Log): boolean {
  try {
    loadTlsFiles({ ...files, clientCa: null });
    return true;
  } catch (error) {
    const aside = Object.values(files).map((path) => setAside(path, new Date()));
    log.error(
      `the certificate of this host is damaged (${messageOf(error)}): it is ${aside.join(" and ")} now; clients that remember it refuse the new one`,
    );
    return false;
  }
}

/** Certificates cannot contain addresses with a scope, such as fe80::1%eth0. */
function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return [...new Set(all.map(({ address }) => address).filter((address) => !/^fe80:/i.test(address)))];
}
