import { describe, expect, test } from "vitest";
import { tryOut } from "../../../test/builders/ctl.ts";
import { configPath, parseClientConfig } from "./config-file.ts";

const path = "/home/ann/.config/gitopper/config.toml";

test("hosts and groups", () => {
  const text = `
    [hosts.web1]
    address = "web1.example.org:8000"
    via = "https"
    token_file = "~/ci.token"
    [hosts."fe80::1"]
    identity = "~/.ssh/ops"
    [groups]
    web = ["web1", "web2:8001"]
  `;
  expect(parseClientConfig(text, path)).toEqual({
    hosts: {
      web1: { address: "web1.example.org:8000", via: "https", token_file: "~/ci.token" },
      "fe80::1": { identity: "~/.ssh/ops" },
    },
    groups: {
      web: [
        { host: "web1", port: null },
        { host: "web2", port: 8001 },
      ],
    },
  });
});

describe("a mistake is one line with file and key", () => {
  test.each([
    ["[hosts.web1", "line 1 is not TOML"],
    ["[host.web1]", 'there is no key "host"; there are hosts and groups'],
    ['[hosts.web1]\nvai = "ssh"', 'there is no key "hosts.web1.vai"; a host has address, via'],
    ['[hosts.web1]\nvia = "pigeon"', '"hosts.web1.via" has to be one of "https", "ssh", "http", "socket"'],
    ["[hosts.web1]\naddress = 1", '"hosts.web1.address" has to be a text in quotes'],
    ['[hosts.web1]\naddress = "a b"', '"hosts.web1.address" has to be host or host:port'],
    ['[hosts.web1]\nvia = "socket"\naddress = "web1"', "has to be the path of a socket"],
    ['[hosts.web1]\nvia = "https"\nidentity = "k"', '"hosts.web1.identity" is for via = "ssh"'],
    ['[hosts.web1]\nvia = "ssh"\ntoken_file = "t"', '"hosts.web1.token_file" is for via = "https"'],
    ['[hosts.web1]\ntoken_file = "t"\nidentity = "k"', "both an identity"],
    ['[hosts]\nweb1 = "x"', '"hosts.web1" has to be a table'],
    ['[hosts."a b"]', '"hosts.a b" is not the name of a host'],
    ['[groups]\nweb = "web1"', '"groups.web" has to be a list'],
    ["[groups]\nweb = [1]", '"groups.web.0" has to be a text in quotes'],
    ['[groups]\nweb = ["@web1"]', '"groups.web" has "@web1", which is not a host'],
    ['[hosts.web]\n[groups]\nweb = ["web1"]', '"groups.web" has the name of a host'],
  ])("%j", async (text, message) => {
    const seen = await tryOut("status @web1", { files: { [path]: text } });
    expect(seen.status).toBe(1);
    expect(seen.stderr).toMatch(
      /^gitopperctl: Cannot use \/home\/ann\/\.config\/gitopper\/config\.toml: [^\n]*\n$/,
    );
    expect(seen.stderr).toContain(message);
  });
});

test("the place of the file follows XDG_CONFIG_HOME, if that is absolute", () => {
  expect(configPath({ XDG_CONFIG_HOME: "/etc/xdg" }, "/home/ann")).toBe("/etc/xdg/gitopper/config.toml");
  expect(configPath({ XDG_CONFIG_HOME: "relative" }, "/home/ann")).toBe(path);
});
