import { describe, expect, test } from "vitest";
import { type Certificate, identify, type ListenerKind, type RequestContext } from "./identify.ts";

const inside: RequestContext = {
  from: "127.0.0.1",
  headers: { host: "localhost:8000" },
  user: null,
  token: "none",
  certificate: null,
};
const remote: RequestContext = { ...inside, from: "192.0.2.7", headers: { host: "web1.example.org" } };
const root = { name: "root", operates: true };
const miek = { name: "miek", operates: false };
const token = { id: "t1", name: "ci", role: "operate" } as const;
const certificate: Certificate = {
  trusted: true,
  subject: { CN: "prometheus", O: "Example" },
  fingerprint: "AA:BB",
};
const clients = [
  { subject: "CN=prometheus", role: "read" },
  { subject: "CN=deploy,O=Example", role: "operate" },
] as const;

/** `who role credential`, or the status of a refusal; a `!` marks one that counts as a failed login. */
function verdict(kind: ListenerKind, visit: RequestContext, loopback: "read" | "none" = "read"): string {
  const found = identify(visit, { kind, names: ["web1"], clients, loopback });
  if ("refusal" in found) return `${found.status}${found.failed ? "!" : ""}`;
  const { who, role, credential } = found.caller;
  return `${who}: ${role}${credential ? ` (${credential})` : ""}`;
}

describe.each<[string, ListenerKind, RequestContext, string]>([
  ["root at the socket", "socket", { ...inside, from: "local", user: root }, "root: operate"],
  ["a member at the socket", "socket", { ...inside, user: miek }, "miek: read"],
  ["someone whom the kernel does not name", "socket", inside, "a local user: read"],
  ["a token at the socket", "socket", { ...inside, user: miek, token }, "miek: read"],

  ["anyone on the host", "loopback", inside, "anyone: read"],
  ["root on the host", "loopback", { ...inside, user: root }, "root: operate"],
  [
    "root through an IPv6 socket",
    "loopback",
    { ...inside, from: "::ffff:127.0.0.1", user: root },
    "root: operate",
  ],
  ["a user of the host", "loopback", { ...inside, user: miek }, "miek: read"],
  ["a token on the host", "loopback", { ...inside, user: miek, token }, "token ci: operate (t1)"],
  ["a wrong token of root's", "loopback", { ...inside, user: root, token: "wrong" }, "401!"],

  ["a stranger from the network", "tls", remote, "a stranger: null"],
  ["root over HTTPS inside the host", "tls", { ...inside, user: root }, "a stranger: null"],
  ["a token over HTTPS", "tls", { ...remote, token }, "token ci: operate (t1)"],
  ["a wrong token over HTTPS", "tls", { ...remote, token: "wrong" }, "401!"],
  ["a certificate", "tls", { ...remote, certificate }, "certificate CN=prometheus: read (AA:BB)"],
  ["a certificate beside a wrong token", "tls", { ...remote, certificate, token: "wrong" }, "401!"],
  ["one of an unknown CA", "tls", { ...remote, certificate: { ...certificate, trusted: false } }, "401!"],
  [
    "one that is not mapped",
    "tls",
    { ...remote, certificate: { ...certificate, subject: { CN: "x" } } },
    "401!",
  ],
  [
    "one without all that is asked",
    "tls",
    { ...remote, certificate: { ...certificate, subject: { CN: "deploy" } } },
    "401!",
  ],
  [
    "one with a part of the name",
    "tls",
    { ...remote, certificate: { ...certificate, subject: { CN: "prometheus2" } } },
    "401!",
  ],
  [
    "one with two names",
    "tls",
    { ...remote, certificate: { ...certificate, subject: { CN: ["prometheus", "x"] } } },
    "401!",
  ],

  ["anyone, insecure", "insecure", remote, "anyone: read"],
  ["root, insecure", "insecure", { ...inside, user: root }, "anyone: read"],
  ["a token that operates, insecure", "insecure", { ...remote, token }, "token ci: read (t1)"],
  ["a wrong token, insecure", "insecure", { ...remote, token: "wrong" }, "401!"],
  ["anyone, for metrics", "metrics", remote, "anyone: read"],
])("%s", (_, kind, visit, expected) => {
  test(`${kind}: ${expected}`, () => expect(verdict(kind, visit)).toBe(expected));
});

test.each<[string, RequestContext, string]>([
  ["anyone", inside, "anyone: null"],
  ["a user", { ...inside, user: miek }, "miek: null"],
  [
    "what root did not send itself",
    { ...inside, user: root, headers: { origin: "null" } },
    "a web page: null",
  ],
  ["root", { ...inside, user: root }, "root: operate"],
  ["a token", { ...inside, user: miek, token }, "token ci: operate (t1)"],
])("with loopback = none, on loopback: %s", (_, visit, expected) => {
  expect(verdict("loopback", visit, "none")).toBe(expected);
  expect(verdict("insecure", inside, "none")).toBe("anyone: read");
});

test("a caller has its address and its listener", () => {
  const found = identify({ ...remote, token }, { kind: "tls", names: [], clients, loopback: "read" });
  expect(found).toEqual({
    caller: { who: "token ci", role: "operate", door: "https", from: "192.0.2.7", credential: "t1" },
  });
  expect(
    identify(
      { ...inside, from: "local", user: root },
      { kind: "socket", names: [], clients, loopback: "read" },
    ),
  ).toEqual({
    caller: { who: "root", role: "operate", door: "socket", from: "local", credential: "" },
  });
});

describe("what root did not send itself", () => {
  const asRoot = (headers: RequestContext["headers"]) =>
    verdict("loopback", { ...inside, user: root, headers: { ...inside.headers, ...headers } });

  test.each([
    { origin: "http://localhost:8000" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("a web page reads: %j", (headers) => expect(asRoot(headers)).toBe("a web page: read"));

  test.each([{ "sec-fetch-site": "none" }, { "sec-fetch-site": "same-origin" }])(
    "is no such page: %j",
    (headers) => expect(asRoot(headers)).toBe("root: operate"),
  );

  test.each(["forwarded", "via", "x-forwarded-for", "x-real-ip"])("a proxy reads: %s", (header) =>
    expect(asRoot({ [header]: "x" })).toBe("whoever is behind a proxy: read"),
  );

  test("a token is accepted from a page or a proxy, because browsers do not add it by themselves", () => {
    const headers = { ...inside.headers, origin: "http://x", via: "x" };
    expect(verdict("loopback", { ...inside, token, headers })).toBe("token ci: operate (t1)");
  });

  test("a page that uses the browser's certificate reads", () => {
    const deploy = { ...certificate, subject: { CN: "deploy", O: "Example" } };
    expect(verdict("tls", { ...remote, certificate: deploy })).toBe(
      "certificate CN=deploy,O=Example: operate (AA:BB)",
    );
    const headers = { origin: "https://evil.example" };
    expect(verdict("tls", { ...remote, certificate: deploy, headers })).toMatch(/: read/);
  });
});

describe("the Host header inside the host", () => {
  const asking = (
    host: string | undefined,
    kind: ListenerKind = "loopback",
    visit: RequestContext = inside,
  ) => verdict(kind, { ...visit, headers: host === undefined ? {} : { host } });

  test.each([
    "localhost",
    "localhost:8000",
    "LOCALHOST.",
    "127.0.0.1:8000",
    "[::1]:8000",
    "192.0.2.1",
    "web1",
    "WEB1:80",
    undefined,
  ])("%s is fine", (host) => expect(asking(host)).toBe("anyone: read"));

  test.each(["evil.example", "evil.example:8000", "localhost.evil.example", "web1.evil.example", "", "[x]"])(
    "%j is not, so not even reading is allowed",
    (host) => {
      expect(asking(host)).toBe("403");
      expect(asking(host, "metrics")).toBe("403");
      expect(asking(host, "insecure")).toBe("403");
      expect(asking(host, "loopback", { ...inside, user: root })).toBe("403");
    },
  );

  test("is not checked for other hosts, with a token, and at the socket", () => {
    expect(asking("evil.example", "insecure", remote)).toBe("anyone: read");
    expect(asking("evil.example", "loopback", { ...inside, token })).toMatch(/^token ci/);
    expect(asking("evil.example", "socket")).toMatch(/read$/);
  });
});
