/** Parses the `[api]` table: access over HTTP. */
import type { ApiSettings } from "../../model/service.ts";
import { parseSubject } from "../../model/text/subject.ts";
import { quote } from "../errors/finding.ts";
import type { ApiFile } from "../file.ts";
import type { Table } from "./table.ts";
import { groupThat } from "./values/names.ts";
import { accept, oneOf, type Parsed, refuse } from "./values/parsed.ts";

const advice = {
  cert: 'name the certificate of the key, such as "tls/cert.pem", or take "key" out',
  key: 'name the key of the certificate, such as "tls/key.pem", or take "cert" out',
  clientCa: 'name the file with the CA of the certificates in "clients", such as "tls/clients.pem"',
  clients:
    'names no client, so it lets none in; add clients = [{ subject = "CN=prometheus", role = "read" }]',
  subject: 'give what the certificate has, such as "CN=prometheus"',
  role: 'use "read" or "operate"',
};

/** Checks the table; its users read the files. */
export function readApi(api: Table<ApiFile>, groupExists: (name: string) => boolean): ApiSettings {
  const { file } = api;
  const cert = file.key ? api.required("cert", accept, advice.cert) : api.optional("cert", accept);
  const key = file.cert ? api.required("key", accept, advice.key) : api.optional("key", accept);
  const clients = api.tables("clients").map((client) => ({
    subject: client.required("subject", checkSubject, advice.subject) ?? "",
    role: client.required("role", parseRole, advice.role) ?? "read",
  }));
  const clientCa =
    clients.length > 0
      ? api.required("client_ca", accept, advice.clientCa)
      : api.optional("client_ca", accept);
  if (clientCa !== null && clients.length === 0) api.report("client_ca", advice.clients);
  if (file.insecure && cert !== null) {
    const message = 'allows plain HTTP, and "cert" asks for HTTPS; take one of them out';
    api.report("insecure", message, ["api", "cert"]);
  }
  const group = api.optional("group", groupThat(groupExists));
  const loopback = api.optional("loopback", parseLoopback) ?? "read";
  return { group, cert, key, clientCa, clients, insecure: file.insecure ?? false, loopback };
}

function checkSubject(text: string): Parsed<string> {
  if (parseSubject(text) !== null) return accept(text);
  return refuse(`${quote(text)} is not a certificate's subject; use one such as "CN=prometheus,O=Example"`);
}

const parseRole = oneOf(["read", "operate"], (text) => `${text} is not a role; ${advice.role}`);

const parseLoopback = oneOf(
  ["read", "none"],
  (text) => `is ${text}; use "read", or "none" to ask everyone but root for a token`,
);
