import { describe, expect, test } from "vitest";
import { type Invocation, parseCommandLine } from "./command-line.ts";

function invocation(line: string | readonly string[]): Invocation {
  const parsed = parseCommandLine(typeof line === "string" ? line.split(" ") : line);
  if ("show" in parsed) throw new Error(parsed.show);
  return parsed.run;
}

describe("the original's commands", () => {
  const nginx = { service: "nginx" };
  test.each([
    ["list machines @web1", "list machines", {}],
    ["list machine @web1", "list machines", {}],
    ["l m @web1", "list machines", {}],
    ["list services @web1", "list services", {}],
    ["list service @web1", "list service", {}],
    ["ls s @web1", "list service", {}],
    ["list service @web1 nginx", "list service", nginx],
    ["ls s nginx @web1", "list service", nginx],
    ["@web1 ls s nginx", "list service", nginx],
    ["state freeze @web1 nginx", "state freeze", nginx],
    ["st u @web1 nginx", "state unfreeze", nginx],
    ["do pull @web1 nginx", "do pull", nginx],
    ["state pull @web1 nginx", "state pull", nginx],
    ["d p nginx @web1", "do pull", nginx],
    ["s r @web1 nginx 1a2b3c4d", "state rollback", { ...nginx, hash: "1a2b3c4d" }],
    ["do rollback @web1 list 1a2b3c4d", "do rollback", { service: "list", hash: "1a2b3c4d" }],
  ])("%s", (line, name, args) => {
    const { command, input: given, hosts } = invocation(line);
    expect([command.name, given.arguments]).toEqual([name, args]);
    expect(hosts).toEqual([{ host: "web1", port: null }]);
  });

  test("an instance of a template is a service, not a host", () => {
    expect(invocation("do pull getty@tty1")).toMatchObject({
      input: { arguments: { service: "getty@tty1" } },
      hosts: [],
    });
  });

  test.each(["-m ls s", "ls -m s", "ls s -m", "ls s @web1 --machine-readable", "--json ls s"])(
    "%s selects JSON",
    (line) => {
      expect(invocation(line).globals.json).toBe(true);
    },
  );
});

describe("commands of ours", () => {
  test.each([
    ["status", "status", {}],
    ["statu nginx", "status", { service: "nginx" }],
    ["de nginx", "describe", { service: "nginx" }],
    ["log -n 5 nginx", "log", { service: "nginx" }],
    ["version", "version", {}],
    ["pu nginx", "pull", { service: "nginx" }],
    ["tok l", "token list", {}],
    ["rollback nginx", "rollback", { service: "nginx" }],
    ["pull --wait nginx", "pull", { service: "nginx" }],
    ["pull --wait 2m nginx", "pull", { service: "nginx" }],
    ["--via http status nginx", "status", { service: "nginx" }],
    ["-i key status nginx", "status", { service: "nginx" }],
    ["token revoke -- -x", "token revoke", { name: "-x" }],
  ])("%s", (line, name, args) => {
    const { command, input: given } = invocation(line);
    expect([command.name, given.arguments]).toEqual([name, args]);
  });

  test.each([
    ["pull nginx --wait", "5m"],
    ["pull --wait nginx", "5m"],
    ["pull --wait 2m nginx", "2m"],
    ["pull nginx --wait=1h", "1h"],
  ])("%s waits for %s", (line, time) => {
    expect(invocation(line).input.options.wait).toBe(time);
  });

  test("a reason that starts with @ is no host", () => {
    const { hosts, input: given } = invocation(["freeze", "nginx", "--reason", "@bob asked", "@web1"]);
    expect(hosts).toEqual([{ host: "web1", port: null }]);
    expect(given.options.reason).toBe("@bob asked");
  });

  test("hosts are taken from anywhere, several at once", () => {
    const hosts = ["web1", "web2", "::1"].map((host) => ({ host, port: host === "web2" ? 8001 : null }));
    expect(invocation("@web1,web2:8001 status @[::1]").hosts).toEqual(hosts);
  });

  test("options about the transport", () => {
    expect(invocation("status @web1 -i key --timeout 3s").globals).toMatchObject({
      flags: { identity: "key", token: null, via: null },
      timeoutMs: 3_000,
    });
  });
});

describe("usage errors", () => {
  test.each([
    ["foo", "unknown command 'foo'"],
    ["statsu nginx", "unknown command 'statsu' (Did you mean status?)"],
    ["token lsit", "unknown command 'lsit' (Did you mean list?)"],
    ["log nginx --limt 5", "unknown option '--limt' (Did you mean --limit?)"],
    ["list foo", "unknown command 'foo'"],
    ["p nginx", '"p" can be plan or pull'],
    ["state freeze @web1", "missing required argument 'service'"],
    ["state rollback @web1 nginx", "missing required argument 'hash'"],
    ["state freeze @web1 nginx 1a2b", "too many arguments for 'freeze'"],
    ["list services nginx", "too many arguments for 'services'"],
    ["list services -x", "unknown option '-x'"],
    ["list services @a:99999", '"@a:99999" is not a host'],
    ["list services @a,,b", '"@" is not a host'],
    ["pull nginx --override-window", "--override-window needs a --reason"],
    ["freeze nginx --for 2h --until 18:00", "give either --for or --until"],
    ["freeze nginx --for soon", '"soon" is no good for --for: it has to be a time such as'],
    ["freeze nginx --until soon", "it has to be such as 18:00"],
    ["log nginx --limit 0", "it has to be a number from 1 to 500"],
    ["token new --name ci", "a token needs a --name and a --role"],
    ["token new --name ci --role root", "Allowed choices are read, operate"],
    ["completion tcsh", "Allowed choices are bash, zsh, fish"],
    ["status --via pigeon", "Allowed choices are https, ssh, http, socket"],
  ])("%s", (line, message) => {
    const parsed = parseCommandLine(line.split(" "));
    expect(parsed).toMatchObject({ on: "stderr", status: 2, show: expect.stringContaining(message) });
    expect(parsed).toMatchObject({ show: expect.stringMatching(/^gitopperctl: [^\n]*; see --help\n$/) });
  });

  test.each([[[]], [["list"]], [["do"]], [["token"]]])("%j shows how it is used", (words: string[]) => {
    const show = expect.stringContaining("Usage: gitopperctl");
    expect(parseCommandLine(words)).toMatchObject({ on: "stderr", status: 2, show });
  });
});

test.each(["-h", "log -h", "s r -h", "--help", "ls --help", "s r --help", "help list", "help pull"])(
  "%s goes to stdout",
  (line) => {
    const show = expect.stringContaining("Usage: gitopperctl");
    expect(parseCommandLine(line.split(" "))).toMatchObject({ on: "stdout", status: 0, show });
  },
);

test("options for scripts are not in the help", () => {
  const { show } = parseCommandLine(["--help"]) as { show: string };
  expect(show).toContain("unfreeze");
  expect(show).not.toContain("__complete");
});

test.each(["-v", "--version"])("%s is the package's", (flag) => {
  expect(parseCommandLine([flag])).toMatchObject({
    status: 0,
    show: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});
