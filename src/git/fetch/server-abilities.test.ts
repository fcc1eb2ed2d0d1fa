import { expect, test } from "vitest";
import { parseServesSingleFiles } from "./server-abilities.ts";

const time = "04:24:59.740513 pkt-line.c:80           packet: ";
const said = (...lines: readonly string[]) => lines.map((line) => `${time}   ls-remote< ${line}\n`).join("");
const first = (capabilities: string) => `66ab HEAD\\0multi_ack ${capabilities} agent=git/2.39.5`;

test.each([
  ["version 2 with filters", said("version 2", "ls-refs=unborn", "fetch=shallow filter"), true],
  ["version 2 without filters", said("version 2", "fetch=shallow wait-for-done"), false],
  [
    "an old protocol that gives any object",
    said(first("filter allow-tip-sha1-in-want allow-reachable-sha1-in-want")),
    true,
  ],
  ["an old protocol that gives only what is in its history", said(first("filter")), false],
  ["an old protocol that gives commits", said(first("filter allow-reachable-sha1-in-want")), false],
  ["a dumb server", "", false],
  ["a branch that is called so", said("version 2", "fetch=shallow", "66ab refs/heads/filter filter"), false],
  [
    "what we ask ourselves",
    `${time}   ls-remote> fetch=filter\n${said("version 2", "fetch=shallow")}`,
    false,
  ],
])("%s: %s gives files by their ids: %s", (_, trace, expected) => {
  expect(parseServesSingleFiles(trace)).toBe(expected);
});
