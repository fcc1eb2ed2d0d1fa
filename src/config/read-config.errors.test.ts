import { expect, test } from "vitest";
import { renderConfigError } from "./errors/config-error.ts";
import { readConfig } from "./read-config.ts";

const context = {
  hosts: ["web1"],
  userExists: (name: string) => name !== "nobody-here",
  groupExists: (name: string) => name !== "nobody-here",
  defaultUser: "root",
};

async function errorsOf(text: string): Promise<readonly string[]> {
  const result = await readConfig(text, context);
  return result.ok ? [] : result.errors.map((error) => renderConfigError("c.toml", error));
}

/** A config with one service, of the given lines; they start at line 5. */
const service = (lines: string): string =>
  ["[global]", 'upstream = "/srv/git"', 'mount = "/srv/m"', "[[services]]", lines].join("\n");
/** The same, with the service's machine and name; the lines start at line 7. */
const named = (lines: string): string => service(`machine = "web1"\nservice = "app"\n${lines}`);

/** A window with everything that it needs, and the given lines instead; they start at line 8. */
const windowed = (lines: string): string => {
  const usual = { kind: '"allow"', start: '"0 2 * * *"', duration: '"2h"' };
  const rest = Object.entries(usual).filter(([key]) => !lines.includes(`${key} =`));
  return named(["[[windows]]", lines, ...rest.map(([key, value]) => `${key} = ${value}`)].join("\n"));
};
const cronAdvice = 'give a cron expression, such as "0 2 * * MON-FRI"';
const notCron = (text: string, why: string) =>
  `8:1: windows[0].start: "${text}" is not a cron expression of five fields (${why}); ${cronAdvice}`;

const windowRows: readonly (readonly [text: string, error: string])[] = [
  [named("[[window]]"), '7:1: window: unknown key "window"; did you mean "windows"?'],
  [
    windowed('kind = "block"'),
    '8:1: windows[0].kind: "block" is not a kind of window; use "allow" (commits go in only then) or "deny" (they do not then)',
  ],
  [windowed('start = ""'), `8:1: windows[0].start: is empty; ${cronAdvice}`],
  [windowed('start = "0 2 * *"'), notCron("0 2 * *", "it has to have five fields")],
  [windowed('start = "@daily"'), notCron("@daily", "it has to have five fields")],
  [windowed('start = "0 0 2 * * *"'), notCron("0 0 2 * * *", "it has to have five fields")],
  [windowed('start = "? 2 * * *"'), notCron("? 2 * * *", "it has to have five fields")],
  [windowed('start = "0 25 * * *"'), notCron("0 25 * * *", "Invalid value for hour: 25")],
  [
    windowed('start = "0 0 30 2 *"'),
    `8:1: windows[0].start: "0 0 30 2 *" is never: there is no such day; ${cronAdvice}`,
  ],
  [
    windowed('duration = "2 hours"'),
    '8:1: windows[0].duration: "2 hours" is not a duration; give how long it lasts, such as "2h30m"',
  ],
  [windowed('duration = "0m"'), '8:1: windows[0].duration: is zero; give how long it lasts, such as "2h30m"'],
  [windowed('duration = "168h1ms"'), '8:1: windows[0].duration: "168h1ms" is too long; use "168h" or less'],
  [
    windowed('timezone = "Europe/Amsterdm"'),
    '8:1: windows[0].timezone: "Europe/Amsterdm" is not a time zone; use an IANA name, such as "Europe/Amsterdam"',
  ],
  [
    windowed('timezone = "+01:00"'),
    '8:1: windows[0].timezone: "+01:00" is not a time zone; use an IANA name, such as "Europe/Amsterdam"',
  ],
  [
    windowed('services = ["app", "apt"]'),
    '8:20: windows[0].services[1]: "apt" is not a service of this config; did you mean "app"?',
  ],
  [
    windowed('services = ["nginx"]'),
    '8:13: windows[0].services[0]: "nginx" is not a service of this config; name the service of a [[services]] entry',
  ],
  [
    windowed("services = []"),
    "8:1: windows[0].services: is empty; name services, or drop the key for all of them",
  ],
  [
    windowed('services = "app"'),
    '8:1: windows[0].services: is a string; use a list of strings, such as ["nginx"]',
  ],
  [windowed("services = [1]"), "8:13: windows[0].services[0]: is a number; use a string in quotes"],
  [named("[[windows]]\n".repeat(1001)), "7:1: windows: has 1001 windows; use at most 1000"],
];

const rows: readonly (readonly [text: string, error: string])[] = [
  ["a =", "1:4: is not valid TOML: invalid value; text is written in quotes, lists in [ ], tables in { }"],
  ["a = 1\na = 2", "2:1: is not valid TOML: trying to redefine an already defined table or value"],
  ["x".repeat(1024 * 1024 + 1), "1:1: has 1048577 bytes; a config has at most 1048576"],
  ["[[service]]", '1:1: service: unknown key "service"; did you mean "services"?'],
  ['[global]\nuser = "x"', '2:1: global.user: unknown key "user"; it belongs in [[services]]'],
  [
    "[global]\nzzzzzz = 1",
    '2:1: global.zzzzzz: unknown key "zzzzzz"; known here are upstream, branch, mount, keys, store_limit, interval, fast_forward_only, settle, on_failure, read_only, drift, heals_per_hour, verify',
  ],
  ["[global]\nbranch = 1", "2:1: global.branch: is a number; use a string in quotes"],
  ["\uFEFFglobal.branch = 1", "1:1: global.branch: is a number; use a string in quotes"],
  ['services = "a"', "1:1: services: is a string; use a list of tables, such as [[services]]"],
  ["[services]", "1:1: services: is a table; use a list of tables, such as [[services]]"],
  ["services = [1]", "1:13: services[0]: is a number; use a table"],
  ["[global]\nsettle = 10", '2:1: global.settle: is a number; use a string in quotes, such as "10s"'],
  [
    '[global]\nkeys = ["a.pub"]',
    '2:9: global.keys[0]: is a string; use a table, such as { path = "ops.pub" }',
  ],
  [
    '[[services]]\nmachine = "a"\nservice = "a"\nupstream = "/a"\nmount = "/m"\ndirs = { local = "/a", link = "a" }',
    '6:1: services[0].dirs: is a table; use a list of tables, such as [{ local = "/etc/nginx", link = "nginx/etc" }]',
  ],
  [
    "[global]\nkeys = [{ ro = true }]",
    '2:9: global.keys[0].path: is missing; give the file of a public key, such as "keys/ops.pub"',
  ],
  ["[[global.keys]]\npath = 1979-05-27", "2:1: global.keys[0].path: is a date; use a string in quotes"],
  [
    `[global]\nbranch = "${"b".repeat(4097)}"`,
    "2:1: global.branch: is longer than 4096 characters; shorten it",
  ],
  ['[global]\nbranch = "a\\u0007"', "2:1: global.branch: has a control character or a line break; remove it"],
  ...windowRows,
  [
    service('service = "app"'),
    '4:1: services[0].machine: is missing; name the host, such as "web1.example.org"',
  ],
  [
    service('machine = "web1"\nservice = ""'),
    '6:1: services[0].service: is empty; name the systemd unit, such as "grafana-server"',
  ],
  [named('fast_forward_only = "yes"'), "7:1: services[0].fast_forward_only: is a string; use true or false"],
  [named('actoin = "reload"'), '7:1: services[0].actoin: unknown key "actoin"; did you mean "action"?'],
  [
    named('action = "stop"'),
    '7:1: services[0].action: "stop" is not an action for a changed service; use one of reload, restart, start, try-restart, reload-or-restart, try-reload-or-restart',
  ],
  [
    named('action = "--reload"'),
    '7:1: services[0].action: "--reload" is not an action for a changed service; did you mean "reload"?',
  ],
  [
    named('user = "nobody-here"'),
    '7:1: services[0].user: there is no user "nobody-here" on this host; create it or name another',
  ],
  [
    named('dirs = [{ local = "etc", link = "e" }]'),
    '7:11: services[0].dirs[0].local: "etc" is relative; use an absolute path, such as "/etc/grafana"',
  ],
  [
    named('dirs = [{ local = "/a", link = "a", mode = "0750" }]'),
    '7:37: services[0].dirs[0].mode: "0750" has execute bits; git says which files can be executed: use a mode without them, such as "0640"',
  ],
  [
    named('dirs = [{ local = "/a", link = "a", mode = "rw" }]'),
    '7:37: services[0].dirs[0].mode: "rw" is not a mode of files; use three or four octal digits, such as "0640"',
  ],
  [
    named('dirs = [{ local = "/a", link = "a", mode = "0044" }]'),
    '7:37: services[0].dirs[0].mode: "0044" keeps the owner from reading; use a mode that starts with 4 or 6, such as "0640"',
  ],
  [
    named('dirs = [{ local = "/a", link = "a", group = "nobody-here" }]'),
    '7:37: services[0].dirs[0].group: there is no group "nobody-here" on this host; create it or name another',
  ],
  [
    named('dirs = [\n  { local = "/a" },\n]'),
    '8:3: services[0].dirs[0].link: is missing; give the path in the repository, such as "grafana/etc"',
  ],
  [
    named('[[services.dirs]]\nlocal = "/a"\nlink = "../x"'),
    '9:1: services[0].dirs[0].link: "../x" leaves the repository; use a path relative to the repository\'s root, such as "grafana/etc"',
  ],
  [
    named('dirs = [{ local = "/a", link = ".", file = true }]'),
    '7:25: services[0].dirs[0].link: "." is the repository\'s root, not a file; name a file or drop "file = true"',
  ],
  [
    named('dirs = [{ local = "/a", lnk = "b" }]'),
    '7:25: services[0].dirs[0].lnk: unknown key "lnk"; did you mean "link"?',
  ],
  [
    named('mount = "/"\nservice2 = 1').replace('"app"', '"etc"'),
    '7:1: services[0].mount: the checkout would be "/etc", which belongs to the system; use a directory of its own',
  ],
  [
    named('upstream = "ext::sh -c x"'),
    '7:1: services[0].upstream: uses a transport ("::") that runs a command; use a URL (https://, ssh://, …), "git@host:path", or an absolute path',
  ],
];
test.each(rows.map(([text, error]) => ({ text, error })))("$error", async ({ text, error }) => {
  expect((await errorsOf(text))[0]).toBe(`c.toml:${error}`);
});

test("all errors at once, in the order of the text", async () => {
  const text = `[global]
upstream = 1
mount = "m"
extra = 1
[[services]]
machine = "web1"
service = "-x"
dirs = [{ local = "a", link = "/b" }, { link = "ok", local = 3 }, { local = "/c" }, { local = "/c", link = "c" }]
[[services]]
service = "y"
brunch = "b"
`;
  expect((await errorsOf(text)).map((error) => error.split(": ", 2).join(" "))).toEqual([
    "c.toml:2:1 global.upstream",
    "c.toml:3:1 global.mount",
    "c.toml:4:1 global.extra",
    "c.toml:7:1 services[0].service",
    "c.toml:8:11 services[0].dirs[0].local",
    "c.toml:8:24 services[0].dirs[0].link",
    "c.toml:8:54 services[0].dirs[1].local",
    "c.toml:8:67 services[0].dirs[2].link",
    "c.toml:8:87 services[0].dirs[3].local",
    "c.toml:9:1 services[1].machine",
    "c.toml:11:1 services[1].brunch",
  ]);
});

test("a missing upstream and mount are named by each service, when [global] has none", async () => {
  const errors = await errorsOf('[[services]]\nmachine = "web1"\nservice = "app"');
  expect(errors).toEqual([
    'c.toml:1:1: services[0].mount: is missing; set it here or in [global], such as "/srv/gitopper"',
    'c.toml:1:1: services[0].upstream: is missing; set it here or in [global], such as "https://example.org/config.git"',
  ]);
});

test("a mistyped key beside the right one hides no fault of the right one", async () => {
  const errors = await errorsOf('[global]\nbrunch = "b"\nbranch = "-b"');
  expect(errors.map((error) => error.split(": ", 1)[0])).toEqual(["c.toml:2:1", "c.toml:3:1"]);
});

test("too many services", async () => {
  const errors = await errorsOf("[[services]]\n".repeat(10_001));
  expect(errors).toEqual(["c.toml:1:1: services: has 10001 services; split it into files of at most 10000"]);
});
