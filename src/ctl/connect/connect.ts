/** Makes a connection for a transport. */
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { configPath } from "../hosts/config-file.ts";
import { renderNamed } from "../hosts/named.ts";
import { remark } from "../output/present.ts";
import { ownTerminal } from "../output/terminal.ts";
import type { CertificateStore, Connection, Limits, Transport } from "./connection.ts";
import { httpConnection } from "./over-http.ts";
import { openPlain, openSocket } from "./over-plain.ts";
import { sshConnection } from "./over-ssh.ts";
import { openTls } from "./over-tls.ts";

/** Connects at the first request. */
export function connect(
  transport: Transport,
  limits: Limits,
  certificates: CertificateStore = ownCertificates(),
): Connection {
  if (transport.via === "ssh") return sshConnection(transport, limits);
  if (transport.via === "socket") {
    const peer = { name: "this host", host: "localhost", token: null, ...openSocket(transport.path) };
    return httpConnection(peer, limits);
  }
  const name = renderNamed(transport);
  const opener = transport.via === "http" ? openPlain(transport) : openTls(transport, certificates);
  return httpConnection({ name, host: name, token: transport.token, ...opener }, limits);
}

function ownCertificates(): CertificateStore {
  return {
    knownHosts: join(dirname(configPath(process.env, homedir())), "known_hosts"),
    say: (line) => void process.stderr.write(remark(line, ownTerminal(process))),
  };
}
