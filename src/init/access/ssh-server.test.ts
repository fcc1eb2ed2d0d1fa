import { expect, test } from "vitest";
import { readServer, sshTarget } from "./ssh-server.ts";

test.each([
  ["git@github.com:o/r.git", { user: "git", host: "github.com", port: null }],
  ["github.com:o/r.git", { user: null, host: "github.com", port: null }],
  ["git@[2001:db8::1]:r.git", { user: "git", host: "2001:db8::1", port: null }],
  ["ssh://git@example.org:2222/r.git", { user: "git", host: "example.org", port: "2222" }],
  ["ssh://example.org/r.git", { user: null, host: "example.org", port: null }],
  ["ssh://git@[2001:db8::1]:2222/r.git", { user: "git", host: "2001:db8::1", port: "2222" }],
  ["ssh://me%40corp@example.org/r.git", { user: "me@corp", host: "example.org", port: null }],
  ["https://example.org/r.git", null],
  ["git://example.org/r.git", null],
  ["/srv/git/r.git", null],
  ["file:///srv/git/r.git", null],
])("%s is at %j", (upstream, target) => {
  expect(sshTarget(upstream)).toEqual(target);
});

const target = { host: "forge", port: null };

test.each([
  [
    "hostname example.org\nport 22\nproxycommand none\n",
    { hostname: "example.org", port: "22", knownAs: "example.org", isBehind: false },
  ],
  [
    "hostname example.org\nport 2222\n",
    { hostname: "example.org", port: "2222", knownAs: "[example.org]:2222", isBehind: false },
  ],
  [
    "hostname a\nport 22\nhostkeyalias forge-key\n",
    { hostname: "a", port: "22", knownAs: "forge-key", isBehind: false },
  ],
  ["hostname a\nport 22\nproxyjump bastion\n", { hostname: "a", port: "22", knownAs: "a", isBehind: true }],
  ["", { hostname: "forge", port: "22", knownAs: "forge", isBehind: false }],
])("ssh -G saying %j means %j", (text, server) => {
  expect(readServer(text, target)).toEqual(server);
});
