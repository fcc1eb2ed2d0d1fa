import { expect, test } from "vitest";
import { noApi } from "../../test/builders/config.ts";
import { plainService, storeMaxBytesDefault } from "../model/service.ts";
import { renderConfigError } from "./errors/config-error.ts";
import { readConfig } from "./read-config.ts";

const context = {
  hosts: ["web1", "grafana.atoom.net"],
  userExists: (name: string) => name !== "nobody-here",
  groupExists: (name: string) => name !== "nobody-here",
  defaultUser: "root",
};

async function read(text: string) {
  const result = await readConfig(text, context);
  if (!result.ok)
    throw new Error(result.errors.map((error) => renderConfigError("c.toml", error)).join("\n"));
  return result.settings;
}

const service = (lines: string): string =>
  ["[global]", 'upstream = "/srv/git"', 'mount = "/srv/m"', "[[services]]", lines].join("\n");
const named = (lines: string): string => service(`machine = "web1"\nservice = "app"\n${lines}`);

test("the original's example, a service with all keys", async () => {
  const settings = await read(`
[global]
upstream = "https://github.com/miekg/blah-origin"
mount = "/tmp"
[[services]]
machine = "grafana.atoom.net"
branch = "main"
service = "grafana-server"
package = "grafana"
user = "grafana"
action = "reload"
mount = "/tmp/grafana1"
dirs = [
    { local = "/etc/grafana", link = "grafana/etc" },
    { local = "/var/lib/grafana/dashboards", link = "grafana/dashboards" }
]`);
  expect(settings.services).toEqual([
    {
      ...plainService,
      name: "grafana-server",
      machine: "grafana.atoom.net",
      upstream: "https://github.com/miekg/blah-origin",
      branch: "main",
      checkout: "/tmp/grafana1/grafana-server",
      user: "grafana",
      package: "grafana",
      action: "reload",
      links: [
        { local: "/etc/grafana", link: "grafana/etc", file: false },
        { local: "/var/lib/grafana/dashboards", link: "grafana/dashboards", file: false },
      ],
    },
  ]);
});

test("the original's keys", async () => {
  const settings = await read(`[global]\nkeys = [{ path = "keys/a.pub", ro = true }, { path = "/b.pub" }]`);
  expect(settings).toEqual({
    services: [],
    machines: [],
    keys: [
      { path: "keys/a.pub", readOnly: true },
      { path: "/b.pub", readOnly: false },
    ],
    windows: [],
    webhooks: [],
    api: noApi,
    storeMaxBytes: storeMaxBytesDefault,
  });
});

test("an empty text", async () => {
  expect(await read("")).toMatchObject({
    services: [],
    machines: [],
    keys: [],
    api: noApi,
    windows: [],
  });
});

test("access over HTTP", async () => {
  const settings = await read(`
[api]
group = "adm"
cert = "tls/cert.pem"
key = "/tls/key.pem"
client_ca = "ca.pem"
clients = [{ subject = "CN=prometheus", role = "read" }, { subject = "CN=a\\\\,b, O=X", role = "operate" }]
loopback = "none"`);
  expect(settings.api).toEqual({
    group: "adm",
    cert: "tls/cert.pem",
    key: "/tls/key.pem",
    clientCa: "ca.pem",
    clients: [
      { subject: "CN=prometheus", role: "read" },
      { subject: "CN=a\\,b, O=X", role: "operate" },
    ],
    insecure: false,
    loopback: "none",
  });
});

test("empty keys are not set, defaults come from [global]", async () => {
  const text = named('package = ""\naction = ""\nuser = ""\nbranch = ""\nupstream = ""');
  const settings = await read(text.replace("[global]", '[global]\nbranch = "b"\nfast_forward_only = true'));
  const expected = { upstream: "/srv/git", branch: "b", checkout: "/srv/m/app", user: "root" };
  expect(settings.services).toMatchObject([
    { ...expected, package: null, action: null, fastForwardOnly: true, links: [] },
  ]);
});

test("only this host's services are in the settings, by any of its names in any case", async () => {
  const text = ["WEB1", "other", "Other"].map(
    (machine, index) =>
      `[[services]]\nmachine = "${machine}"\nservice = "s${index}"\nupstream = "/u"\nmount = "/m"`,
  );
  const settings = await read(text.join("\n"));
  expect(settings.services.map(({ name }) => name)).toEqual(["s0"]);
  expect(settings.machines).toEqual(["WEB1", "other"]);
});

test("one name on two hosts, nested locals, a user to come with its package", async () => {
  const text = `${named('user = "nobody-here"\npackage = "app"\ndirs = [{ local = "/a", link = "." }, { local = "/a/b", link = "b/", file = true }]')}
[[services]]
machine = "other"
service = "app"
user = "nobody-here"
dirs = [{ local = "/a", link = "a" }]`;
  expect((await read(text)).services[0]?.links).toEqual([
    { local: "/a", link: ".", file: false },
    { local: "/a/b", link: "b", file: true },
  ]);
});

test("windows, with what they leave out", async () => {
  const text = named(`[[windows]]
kind = "allow"
start = "30 2 * * TUE#2"
duration = "2h30m"
[[windows]]
name = "release week"
kind = "deny"
start = "0 0 L * *"
duration = "168h"
timezone = "Europe/Amsterdam"
services = ["app", "elsewhere"]
[[services]]
machine = "other"
service = "elsewhere"`);
  expect((await read(text)).windows).toEqual([
    {
      name: null,
      kind: "allow",
      start: "30 2 * * TUE#2",
      durationMs: 9_000_000,
      timezone: "UTC",
      services: null,
    },
    {
      name: "release week",
      kind: "deny",
      start: "0 0 L * *",
      durationMs: 604_800_000,
      timezone: "Europe/Amsterdam",
      services: ["app", "elsewhere"],
    },
  ]);
});

test("webhooks, and intervals of services", async () => {
  const text = named('interval = "1m"').replace("[global]", '[global]\ninterval = "10m"');
  const settings = await read(`${text}
[[services]]
machine = "web1"
service = "other"
[[webhooks]]
name = "github"
kind = "github"
secret_file = "github.secret"
[[webhooks]]
name = "mirror"
kind = "generic"
secret_file = ["/run/a", "b"]
secret_credential = "mirror"
upstreams = ["git@mirror.example.org:config.git"]`);
  expect(settings.services.map(({ intervalMs }) => intervalMs)).toEqual([60_000, 600_000]);
  expect(settings.webhooks).toEqual([
    { name: "github", kind: "github", secrets: [{ file: "github.secret" }], upstreams: null },
    {
      name: "mirror",
      kind: "generic",
      secrets: [{ file: "/run/a" }, { file: "b" }, { credential: "mirror" }],
      upstreams: ["git@mirror.example.org:config.git"],
    },
  ]);
});
