import { describe, expect, test } from "vitest";
import type { Parsed } from "./parsed.ts";
import { parseLink, parseLocal, parseMount } from "./places.ts";

const parsers: readonly {
  readonly parse: (text: string) => Parsed<string>;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}[] = [
  {
    parse: parseLink,
    right: ["grafana/etc", ".", "a/../b", "..a", ".github", "a.git"],
    wrong: ["../x", "a/../../x", "..", "/a", ".git", "a/.git/hooks", ".GIT/config"],
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
];

describe.each(parsers)("$parse.name", ({ parse, right, wrong }) => {
  test.each(right)("takes %s", (text) => expect(parse(text)).toMatchObject({ ok: true }));
  test.each(wrong)("refuses %s", (text) => expect(parse(text)).toMatchObject({ ok: false }));
});
