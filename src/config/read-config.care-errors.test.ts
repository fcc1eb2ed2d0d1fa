import { expect, test } from "vitest";
import { plainService } from "../model/service.ts";
import { renderConfigError } from "./errors/config-error.ts";
import { readConfig } from "./read-config.ts";

const context = {
  hosts: ["web1"],
  userExists: (name: string) => name !== "nobody-here",
  groupExists: () => true,
  defaultUser: "root",
};
/** A config whose service has these lines, from line 7 on. */
const withService = (lines: string) =>
  `[global]
upstream = "/srv/git"
mount = "/srv/m"
[[services]]
machine = "web1"
service = "app"
${lines}
[[services.dirs]]
local = "/etc/app"
link = "app/etc"`;

async function firstError(text: string): Promise<string | undefined> {
  const result = await readConfig(text, context);
  return result.ok ? undefined : result.errors.map((error) => renderConfigError("c", error))[0];
}

async function serviceOf(text: string) {
  const result = await readConfig(text, context);
  if (!result.ok) throw new Error(result.errors.map((error) => renderConfigError("c", error)).join("\n"));
  return result.settings.services[0];
}

const command = 'use ["nginx", "-t"], or a list of such lists';

test.each<[string, string]>([
  ["check = []", '7:1: services[0].check: is empty; give a command, such as ["nginx", "-t"]'],
  [
    'check = [["nginx"], []]',
    '7:21: services[0].check[1]: is empty; give a command, such as ["nginx", "-t"]',
  ],
  ['check = ["-t"]', '7:10: services[0].check[0]: "-t" is not a program; use one such as "nginx"'],
  ['check = ["a", ["b"]]', `7:1: services[0].check: has strings beside lists; ${command}`],
  ["check = [1]", `7:10: services[0].check[0]: is no part of a command; ${command}`],
  [
    'check = "nginx -t"',
    '7:1: services[0].check: is a string; use a list of strings, such as ["nginx", "-t"]',
  ],
  [
    'check_user = "root"',
    '7:1: services[0].check_user: goes with a check; add check = ["nginx", "-t"], or take it out',
  ],
  [
    'check = ["a"]\ncheck_user = "nobody-here"',
    '8:1: services[0].check_user: there is no user "nobody-here" on this host; create it or name another',
  ],
  [
    'check = ["a"]\ncheck_timeout = "2h"',
    '8:1: services[0].check_timeout: "2h" is too long; use "1h" or less',
  ],
  [
    'action = "reload"\nactions = [{ path = "web", action = "restart" }]',
    '8:14: services[0].actions[0].path: "web" is in no link of this service; use a link, or a path in one',
  ],
  [
    'action = "reload"\nactions = [{ path = "app/etc", action = "stop" }]',
    '8:32: services[0].actions[0].action: "stop" is not an action for a changed service; use one of reload, restart, start, try-restart, reload-or-restart, try-reload-or-restart',
  ],
  [
    'actions = [{ path = "app/etc" }]',
    '7:1: services[0].actions: goes with an action for everything else; add action = "reload"',
  ],
  [
    'settle = "soon"',
    '7:1: services[0].settle: "soon" is not a duration; give how long a unit has to stay well, such as "10s"',
  ],
  [
    'on_failure = "panic"',
    '7:1: services[0].on_failure: "panic" is not what can be done; use "rollback" or "stay"',
  ],
  [
    'drift = "fix"',
    '7:1: services[0].drift: "fix" is not what can be done about drift; use "report" or "heal"',
  ],
  ["heals_per_hour = 0", "7:1: services[0].heals_per_hour: 0 is not from 1 to 3600; use one such as 6"],
  ["heals_per_hour = 1.5", "7:1: services[0].heals_per_hour: is a number; use a whole number"],
  ['read_only = "yes"', "7:1: services[0].read_only: is a string; use true or false"],
  [
    'outside_symlinks = ["share"]',
    '7:21: services[0].outside_symlinks[0]: "share" is relative; use an absolute path, such as "/usr/share/nginx"',
  ],
  [
    'verify = { mode = "head" }',
    '7:1: services[0].verify: names no keys; add allowed_signers = "allowed_signers", or gpg_keyring = "keys.gpg"',
  ],
  [
    'verify = { mode = "some" }',
    '7:12: services[0].verify.mode: "some" is not a mode; use "head" (the commit to deploy), "all" (every new commit), or "off"',
  ],
  [
    "[[services.health]]",
    "7:1: services[0].health[0]: has none of http, tcp, command and unit; give exactly one",
  ],
  [
    'settle = "0s"\n[[services.health]]\nunit = "x"',
    '8:1: services[0].health[0]: is asked every 1s, and settle is 0s: there is no time for a second answer; give settle = "1s" or more, or a shorter interval',
  ],
  [
    '[[services.health]]\ntcp = ":80"\nunit = "x"',
    "7:1: services[0].health[0]: has tcp and unit of http, tcp, command and unit; give exactly one",
  ],
  [
    '[[services.health]]\nhttp = "ftp://x/"',
    '8:1: services[0].health[0].http: "ftp://x/" is not an http:// or https:// URL; use one such as "http://127.0.0.1:8080/health"',
  ],
  [
    '[[services.health]]\nhttp = "http://u:p@x/"',
    "8:1: services[0].health[0].http: has a user or a password; probe something that needs none",
  ],
  [
    '[[services.health]]\nhttp = "http://x/"\nstatus = 42',
    "9:1: services[0].health[0].status: 42 is not an HTTP status; use one such as 200",
  ],
  [
    '[[services.health]]\nhttp = "http://x/"\nbody = "("',
    '9:1: services[0].health[0].body: "(" is not a regular expression (Unterminated group); use one such as "ok|ready"',
  ],
  [
    '[[services.health]]\ntcp = "localhost"',
    '8:1: services[0].health[0].tcp: "localhost" is not a host and a port; use one such as "127.0.0.1:5432"',
  ],
  [
    '[[services.health]]\ntcp = "a:1"\nstatus = 200',
    "9:1: services[0].health[0].status: is for http probes; take it out",
  ],
])("%s", async (lines, error) => {
  expect(await firstError(withService(lines))).toBe(`c:${error}`);
});

test("a store limit is a size", async () => {
  expect(await firstError('[global]\nstore_limit = "big"')).toBe(
    'c:2:1: global.store_limit: "big" is not a size; use one such as "500M" or "4G"',
  );
  const result = await readConfig('[global]\nstore_limit = "1.5G"', context);
  expect(result).toMatchObject({ ok: true, settings: { storeMaxBytes: 1.5 * 1024 ** 3 } });
});

test("missing settings have defaults, [global] sets them for all services, and a service for itself", async () => {
  expect(await serviceOf(withService(""))).toMatchObject({
    health: plainService.health,
    drift: plainService.drift,
  });
  const global =
    'mount = "/srv/m"\nsettle = "3s"\ndrift = "heal"\nverify = { mode = "all", gpg_keyring = "k" }';
  const all = withService('on_failure = "stay"').replace('mount = "/srv/m"', global);
  expect(await serviceOf(all)).toMatchObject({
    health: { settleMs: 3_000, onFailure: "stay" },
    drift: { mode: "heal", healsPerHour: 6 },
    verify: { mode: "all", allowedSigners: null, gpgKeyring: "k" },
  });
  const own = withService('settle = "0s"\nverify = { mode = "off" }').replace('mount = "/srv/m"', global);
  expect(await serviceOf(own)).toMatchObject({ health: { settleMs: 0 }, verify: null });
});

test("checks, probes and actions", async () => {
  const service = await serviceOf(
    withService(`check = [["nginx", "-t"], ["true"]]
action = "reload"
actions = [{ path = "app/etc/www", action = "" }]
settle = "2s"
[[services.health]]
http = "https://[::1]/"
[[services.health]]
tcp = "[::1]:80"
timeout = "3s"
`),
  );
  expect(service).toMatchObject({
    check: { commands: [["nginx", "-t"], ["true"]], user: null, timeoutMs: 60_000, network: false },
    actions: [{ path: "app/etc/www", action: null }],
    health: {
      probes: [
        {
          kind: "http",
          url: "https://[::1]/",
          status: 200,
          body: null,
          intervalMs: 1_000,
          deadlineMs: 5_000,
        },
        { kind: "tcp", host: "::1", port: 80, timeoutMs: 3_000, deadlineMs: 3_000 },
      ],
    },
  });
});
