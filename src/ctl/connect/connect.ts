/** Makes a connection for a transport. */
import { homedir } from "node:os";
import { join } from "node:path";
import { remark } from "../output/present.ts";
import { ownTerminal } from "../output/terminal.ts";
import type { CertificateStore, Connection, Limits, Transport } from "./connection.ts";
import { httpConnection } from "./over-http.ts";
import { openPlain, openSocket } from "./over-plain.ts";
import { sshConnection } from "./over-ssh.ts";
import { openTls } from "./over-tls.ts";
import { renderTarget } from "./target.ts";

const defaultLimits: Limits = { timeoutMs: 10_000, replyMaxBytes: 8 * 1024 * 1024 };

/** Connects at the first request. */
export function connect(
  transport: Transport,
  limits: Limits = defaultLimits,
  certificates: CertificateStore = ownCertificates(),
): Connection {
  switch (transport.via) {
    case "socket": {
      const peer = { name: "this host", host: "localhost", token: null, ...openSocket(transport.path) };
      return httpConnection(peer, limits);
    }
    case "http":
    case "https": {
      const name = renderTarget(transport);
      const opener = transport.via === "http" ? openPlain(transport) : openTls(transport, certificates);
      return httpConnection({ name, host: name, token: transport.token, ...opener }, limits);
    }
    case "ssh":
      return sshConnection(transport, limits);
  }
}

function ownCertificates(): CertificateStore {
  const { XDG_CONFIG_HOME: xdg } = process.env;
  const base = xdg?.startsWith("/") ? xdg : join(homedir(), ".config");
  return {
    knownHosts: join(base, "gitopper", "known_hosts"),
    say: (line) => void process.stderr.write(remark(line, ownTerminal(process))),
  };
}
