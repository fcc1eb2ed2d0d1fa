/** What reads texts of others takes as long as they are long: a quarter of a megabyte takes one that is quadratic minutes. */
import { expect, test } from "vitest";
import { cut, visible, visibleJson, visibleLines, wrap } from "../src/ctl/output/visible.ts";
import { retryAfterMs } from "../src/git/fetch/throttled.ts";
import { explainGpg, explainSsh, kindOf } from "../src/git/history/signatures.ts";
import { parseLsTree } from "../src/git/history/trees.ts";
import { damageIn, isAbout } from "../src/git/store/damage.ts";
import { splitCredentials } from "../src/git/upstream.ts";
import { oneLine } from "../src/health/answer.ts";
import { parseShow } from "../src/host/systemd/show.ts";
import { parseKeyFile } from "../src/model/ssh-public-key.ts";
import { parseDuration } from "../src/model/text/duration.ts";
import { harmless } from "../src/model/text/harmless.ts";
import { maskSecrets } from "../src/model/text/mask.ts";
import { parseSubject } from "../src/model/text/subject.ts";
import { parseMountPoints } from "../src/platform/files/mountinfo.ts";
import { findKeyLine } from "../src/platform/process/exec-failure.ts";
import { parseSshCommand } from "../src/server/ssh/command.ts";
import { isSameRepository } from "../src/server/webhooks/repository.ts";

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  maskSecrets,
  harmless,
  visible,
  visibleLines,
  visibleJson,
  cut: (text) => cut(text, 80),
  wrap: (text) => wrap(text, 80),
  oneLine,
  damageIn: (text) => damageIn(`error: ${text}`),
  isAbout: (text) => isAbout(text, ["/s"]),
  findKeyLine: (text) => findKeyLine(text, [/^error: /]),
  explainSsh,
  explainGpg,
  kindOf: (text) => kindOf(text, { length: 40 }),
  retryAfterMs: (text) => retryAfterMs(text, new Date(0)),
  parseLsTree: (text) => parseLsTree([text]),
  splitCredentials: (text) => splitCredentials(`https://${text}`),
  parseMountPoints,
  parseShow,
  parseDuration,
  parseSubject,
  parseKeyFile,
  parseSshCommand,
  isSameRepository: (text) => isSameRepository(text, text),
};

const bytes = 256 * 1024;
const repeated = [
  "a.",
  "a",
  "://",
  "a://a",
  "a@",
  "https://a:b",
  " ",
  "\t ",
  "\n",
  " \n",
  "=",
  "/",
  "//a",
  "1",
  "1.",
  "1s",
]
  .concat(["\\", ",", "CN=", '"', ":", "-", "error: ", 'Good "git" signature with ', "could not lock "])
  .concat(["object file ", "<= Recv header: Retry-After: ", "100644 blob ", "\u001b[", "\u2028", "漢"]);

test.each(Object.entries(readers))("%s", (_, read) => {
  for (const piece of repeated) {
    const text = `${piece.repeat(Math.ceil(bytes / piece.length))}!`;
    const before = process.threadCpuUsage();
    read(text);
    const { user, system } = process.threadCpuUsage(before);
    expect({ piece, tookMs: (user + system) / 1_000 }).toEqual({ piece, tookMs: expect.toSatisfy(isSoon) });
  }
});

/** Of the processor: far more than any of them takes, and far less than a square of that. */
const isSoon = (ms: number): boolean => ms < 5_000;
