import { describe, expect, test } from "vitest";
import { parseAction, parseBranch, parsePackage, parseUnitName, parseUser } from "./names.ts";
import type { Parsed } from "./parsed.ts";

const parsers: readonly {
  readonly parse: (text: string) => Parsed<string>;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}[] = [
  {
    parse: parseAction,
    right: ["reload", "restart", "start", "try-restart", "reload-or-restart", "try-reload-or-restart"],
    wrong: ["stop", "Reload", "reload ", "--now", "enable", "daemon-reload", "kill", "isolate"],
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
    parse: parsePackage,
    right: ["grafana", "libstdc++6", "nginx:amd64", "python3.11"],
    wrong: ["-y", "a b", "a=1.0", "./a.deb", "a;b", "/a"],
  },
  {
    parse: parseUnitName,
    right: ["grafana-server", "a.timer", "app@1", "app@1.service", "dev-disk\\x2d1.mount", "a:b"],
    wrong: ["-a", ".", "..", ".a", "@a", "a/b", "a b", "a@", "a@.service", "é", "a;b", "a".repeat(256)],
  },
  {
    parse: parseUser,
    right: ["root", "_apt", "www-data", "DOM\\user", "user@example.org"],
    wrong: ["-x", "a b", "a:b", "a/b"],
  },
];

describe.each(parsers)("$parse.name", ({ parse, right, wrong }) => {
  test.each(right)("takes %s", (text) => expect(parse(text)).toMatchObject({ ok: true }));
  test.each(wrong)("refuses %s", (text) => expect(parse(text)).toMatchObject({ ok: false }));
});
