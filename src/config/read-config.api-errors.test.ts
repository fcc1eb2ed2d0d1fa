import { expect, test } from "vitest";
import { renderConfigError } from "./errors/config-error.ts";
import { readConfig } from "./read-config.ts";

const context = {
  hosts: ["web1"],
  userExists: () => true,
  groupExists: (name: string) => name !== "nobody-here",
  defaultUser: "root",
};

/** A text, and the first of its errors. */
const rows: readonly (readonly [text: string, error: string])[] = [
  ['[api]\ngrup = "adm"', '2:1: api.grup: unknown key "grup"; did you mean "group"?'],
  ['[[api]]\ngroup = "adm"', "1:1: api: is a list; use a table"],
  ['[global]\nclient_ca = "x"', '2:1: global.client_ca: unknown key "client_ca"; it belongs in [api]'],
  [
    '[api]\ngroup = "nobody-here"',
    '2:1: api.group: there is no group "nobody-here" on this host; create it or name another',
  ],
  ['[api]\ngroup = "-x"', '2:1: api.group: "-x" is not a group\'s name; use one such as "adm"'],
  [
    '[api]\ncert = "c.pem"',
    '1:1: api.key: is missing; name the key of the certificate, such as "tls/key.pem", or take "cert" out',
  ],
  [
    '[api]\nkey = "k.pem"',
    '1:1: api.cert: is missing; name the certificate of the key, such as "tls/cert.pem", or take "key" out',
  ],
  [
    '[api]\nclients = [{ subject = "CN=x", role = "read" }]',
    '1:1: api.client_ca: is missing; name the file with the CA of the certificates in "clients", such as "tls/clients.pem"',
  ],
  [
    '[api]\nclient_ca = "ca.pem"',
    '2:1: api.client_ca: names no client, so it lets none in; add clients = [{ subject = "CN=prometheus", role = "read" }]',
  ],
  [
    '[api]\nclient_ca = "ca.pem"\nclients = [{ subject = "CN=x", role = "admin" }]',
    '3:32: api.clients[0].role: "admin" is not a role; use "read" or "operate"',
  ],
  [
    '[api]\nclient_ca = "ca.pem"\nclients = [{ subject = "prometheus", role = "read" }]',
    '3:14: api.clients[0].subject: "prometheus" is not a certificate\'s subject; use one such as "CN=prometheus,O=Example"',
  ],
  [
    '[api]\nclient_ca = "ca.pem"\nclients = [{ role = "read" }]',
    '3:12: api.clients[0].subject: is missing; give what the certificate has, such as "CN=prometheus"',
  ],
  [
    '[api]\ncert = "c.pem"\nkey = "k.pem"\ninsecure = true',
    '4:1: api.insecure: allows plain HTTP, and "cert" asks for HTTPS; take one of them out (see line 2)',
  ],
  [
    '[api]\nloopback = "operate"',
    '2:1: api.loopback: is "operate"; use "read", or "none" to ask everyone but root for a token',
  ],
];
test.each(rows.map(([text, error]) => ({ text, error })))("$error", async ({ text, error }) => {
  const result = await readConfig(text, context);
  const [first] = result.ok ? [] : result.errors;
  expect(first && renderConfigError("c.toml", first)).toBe(`c.toml:${error}`);
});
