import { describe, expect, test } from "vitest";
import { nearest } from "./errors/nearest.ts";
import { parseAction, parseBranch, parsePackage, parseUnitName, parseUser } from "./fields/names.ts";
import type { Parsed } from "./fields/parsed.ts";
import { parseLink, parseLocal, parseMount } from "./fields/places.ts";
import { parseUpstream } from "./fields/upstream.ts";

const parsers: readonly {
  readonly parse: (text: string) => Parsed<string>;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}[] = [
  {
    parse: parseUpstream,
    right: [
      "https://example.org/a.git",
      "http://localhost:3000/a",
      "https://user:secret@example.org/a",
      "ssh://git@example.org:2222/~/a",
      "ssh://[::1]/a",
      "git://example.org/a",
      "file:///srv/git/a",
      "/srv/git/with space",
      "git@example.org:a/b.git",
      "host:a",
      "git@[::1]:a",
    ],
    wrong: [
      ...[
        "ext::sh -c x",
        "fd::3",
        "any::/x",
        "::x",
        "foo://x/y",
        "HTTPS://x/y",
        "ftp://x/y",
        "-x",
        "--upload-pack=x",
      ],
      ...[
        "a/b",
        "a",
        "./a:b",
        "../a",
        "C:",
        "https://",
        "https:///a",
        "https://a b/c",
        "file://host/a",
        "file://a",
      ],
      ...[
        "ssh://-oProxyCommand=x/y",
        "ssh://%2doProxyCommand=x/y",
        "ssh://git@-x/y",
        "ssh://git@%2Dx/y",
        "ssh://%zz/y",
      ],
      ...["-x@host:a", "git@-host:a", "-host:a", "git@host:-a", "http://-x/y", "git://-x/y"],
    ],
  },
  {
    parse: parseBranch,
    right: ["main", "feature/x", "v1.2", "a-b", "ünï", "a@b"],
    wrong: [
      ...[
        "-x",
        "a..b",
        "a b",
        "a\tb",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[b",
        "a\\b",
        "a@{1}",
        "@",
        "/a",
        "a/",
        "a//b",
      ],
      ...[".a", "a/.b", "a.", "a.lock", "a.lock/b", "a\u007f"],
    ],
  },
  {
    parse: parseUnitName,
    right: ["grafana-server", "a.timer", "app@1", "app@1.service", "dev-disk\\x2d1.mount", "a:b"],
    wrong: ["-a", ".", "..", ".a", "@a", "a/b", "a b", "a@", "a@.service", "é", "a;b", "a".repeat(256)],
  },
  {
    parse: parseAction,
    right: ["reload", "restart", "start", "try-restart", "reload-or-restart", "try-reload-or-restart"],
    wrong: ["stop", "Reload", "reload ", "--now", "enable", "daemon-reload", "kill", "isolate"],
  },
  {
    parse: parseUser,
    right: ["root", "_apt", "www-data", "DOM\\user", "user@example.org"],
    wrong: ["-x", "a b", "a:b", "a/b"],
  },
  {
    parse: parsePackage,
    right: ["grafana", "libstdc++6", "nginx:amd64", "python3.11"],
    wrong: ["-y", "a b", "a=1.0", "./a.deb", "a;b", "/a"],
  },
  {
    parse: parseLocal,
    right: ["/etc/grafana", "/srv", "/opt/a b", "/run/app", "/usr/local"],
    wrong: [
      "etc",
      "./a",
      "~/a",
      "/",
      "//",
      "/etc/",
      "/usr",
      "/proc",
      "/proc/1",
      "/sys/x",
      "/dev/shm",
      "/run",
      "/a/../etc",
    ],
  },
  { parse: parseMount, right: ["/srv", "/tmp"], wrong: ["srv", "./x", "~"] },
  {
    parse: parseLink,
    right: ["grafana/etc", ".", "a/../b", "..a", ".github", "a.git"],
    wrong: ["../x", "a/../../x", "..", "/a", ".git", "a/.git/hooks", ".GIT/config"],
  },
];

describe.each(parsers)("$parse.name", ({ parse, right, wrong }) => {
  test.each(right)("takes %s", (text) => expect(parse(text)).toMatchObject({ ok: true }));
  test.each(wrong)("refuses %s", (text) => expect(parse(text)).toMatchObject({ ok: false }));
});

test("a refused upstream is not quoted, as it may hold a password", () => {
  for (const text of [
    "foo://user:secret@x/y",
    "https://user:secret@",
    "user:secret",
    "https://u:secret@a b/",
  ]) {
    const parsed = parseUpstream(text);
    expect(parsed.ok ? "" : parsed.why).not.toMatch(/secret/);
    expect(parsed.ok && text !== "user:secret").toBe(false);
  }
});

test.each([
  ["upsteam", "upstream"],
  ["Branch", "branch"],
  ["fastforwardonly", "fast_forward_only"],
  ["fast-forward-only", "fast_forward_only"],
  ["xyz", null],
  ["b".repeat(100_000), null],
])("the nearest key to %s is %s", (given, expected) => {
  expect(nearest(given, ["upstream", "branch", "fast_forward_only", "user"])).toBe(expected);
});
