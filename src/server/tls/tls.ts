/** The certificate of the HTTPS listener: read from files, and read again when they have changed. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { RequestListener } from "node:http";
import type { Server, ServerOptions } from "node:https";
import type { SecureContextOptions } from "node:tls";
import { fingerprintOf } from "../../model/fingerprint.ts";
import type { ApiSettings } from "../../model/service.ts";
import { messageOf } from "../../model/text/error-message.ts";
import { ListenFailure } from "../listen.ts";

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** The CAs of client certificates; null: none. */
  readonly clientCa: string | null;
}

type TlsLog = Readonly<Record<"info" | "warn", (message: string) => void>>;

type Loaded = ReturnType<typeof loadTlsFiles>;

const fileMaxBytes = 1024 * 1024;
const checkEveryMs = 60_000;

/** TLS 1.3, and from TLS 1.2 only suites with forward secrecy and authenticated encryption. */
const suites = [
  ...["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"],
  ...["ECDHE+AESGCM", "ECDHE+CHACHA20"],
].join(":");
/** Includes a hybrid key exchange that resists quantum computers. */
const groups = "X25519MLKEM768:X25519:P-256:P-384";
const handshakeTimeoutMs = 10_000;

export class Tls {
  readonly #files: TlsFiles;
  readonly #log: TlsLog;
  readonly #everyMs: number;
  #loaded: Loaded;
  #stamp: string;

  /** @throws ListenFailure that says what to set */
  constructor(files: TlsFiles, log: TlsLog, everyMs = checkEveryMs) {
    this.#files = files;
    this.#log = log;
    this.#everyMs = everyMs;
    this.#stamp = stampOf(files);
    this.#loaded = loadTlsFiles(files);
    const { validTo } = this.#loaded.certificate;
    if (Date.parse(validTo) < Date.now()) log.warn(`the certificate ${files.cert} has expired on ${validTo}`);
  }

  /** SHA-256 of the certificate in DER, as `SHA256:…` in base64 without padding, like ssh. */
  get fingerprint(): string {
    return fingerprintOf(this.#loaded.certificate.raw);
  }

  /** A server that takes over new certificate files while it listens. */
  async createServer(options: ServerOptions, onRequest: RequestListener): Promise<Server> {
    const { createServer } = await import("node:https");
    const clients = this.#files.clientCa === null ? {} : { requestCert: true, rejectUnauthorized: false };
    const context = contextOf(this.#loaded);
    const handshake = { handshakeTimeout: handshakeTimeoutMs, ALPNProtocols: ["http/1.1"] };
    const server = createServer({ ...options, ...handshake, ...clients, ...context }, onRequest);
    const timer = setInterval(() => this.#follow(server), this.#everyMs).unref();
    server.once("close", () => clearInterval(timer));
    return server;
  }

  /** Invalid new files are reported once, and the old certificate stays in use. */
  #follow(server: Server): void {
    const stamp = stampOf(this.#files);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      const loaded = loadTlsFiles(this.#files);
      server.setSecureContext(contextOf(loaded));
      this.#loaded = loaded;
      this.#log.info(
        `HTTPS has a new certificate, ${this.fingerprint}, good until ${loaded.certificate.validTo}`,
      );
    } catch (error) {
      this.#log.warn(`the certificate that HTTPS had stays in use: ${messageOf(error)}`);
    }
  }
}

function contextOf({ cert, key, ca }: Loaded): SecureContextOptions {
  return {
    cert,
    key,
    ...(ca && { ca }),
    ciphers: suites,
    ecdhCurve: groups,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
  };
}

/** Reads all files and checks that they fit together. @throws ListenFailure that says what to set */
export function loadTlsFiles({ cert, key, clientCa }: TlsFiles) {
  const certPem = read("cert", cert);
  const certificate = parse("cert", cert, "a certificate", () => new X509Certificate(certPem));
  const keyPem = read("key", key);
  const privateKey = parse("key", key, "a private key without a passphrase", () => createPrivateKey(keyPem));
  const foreign = `it does not belong to the certificate ${cert}; name the certificate's own key`;
  if (!certificate.checkPrivateKey(privateKey)) throw failure("key", key, foreign);
  const ca = clientCa === null ? undefined : read("client_ca", clientCa);
  if (ca !== undefined && clientCa !== null)
    parse("client_ca", clientCa, "a certificate", () => new X509Certificate(ca));
  return { cert: certPem, key: keyPem, ca, certificate };
}

/** Why HTTPS cannot use the files of the config; empty: it can, or the config names none. */
export function tlsFaults({ cert, key, clientCa }: ApiSettings): readonly string[] {
  if (cert === null || key === null) return [];
  try {
    loadTlsFiles({ cert, key, clientCa });
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

function read(name: string, path: string): Buffer {
  try {
    if (statSync(path).size > fileMaxBytes) throw new Error(`it has more than ${fileMaxBytes} bytes`);
    return readFileSync(path);
  } catch (error) {
    throw failure(name, path, messageOf(error), error);
  }
}

function parse<T>(name: string, path: string, what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw failure(name, path, `it has to have ${what}, in PEM`, error);
  }
}

function failure(name: string, path: string, why: string, cause?: unknown): ListenFailure {
  return new ListenFailure(`Cannot use ${path} for HTTPS: ${why}; set [api] ${name}`, { cause });
}

/** Changes when a file changes, or a symlink to it; stat(2) follows symlinks. */
function stampOf({ cert, key, clientCa }: TlsFiles): string {
  return [cert, key, clientCa ?? ""]
    .map((path) => {
      const seen = path === "" ? undefined : statSync(path, { throwIfNoEntry: false, bigint: true });
      return seen ? `${seen.dev}:${seen.ino}:${seen.mtimeNs}:${seen.size}` : "";
    })
    .join(" ");
}
