import { describe, expect, test } from "vitest";
import type { Parsed } from "./parsed.ts";
import { parseUpstream } from "./upstream.ts";

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
      "/media/usb/config.bundle",
      "file:///media/my%20stick/config.bundle",
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
        "file:///100%",
        "config.bundle",
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
