/** Keeps words out of code and documents that were replaced by a standard term; CONTRIBUTING.md says why. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** Whole identifiers that must not come back, with the word to use. */
const identifiers: readonly (readonly [RegExp, string])[] = [
  [/\bFairLimit\w*\b/, "FairSemaphore"],
  [/\b(?:ofOneMax|holdMs|giveBack)\b/, "perOwnerMax, yieldAfterMs, release"],
  [/\b(?:createB|b|B)reathe\b/, "yieldToEventLoop"],
  [/\bhandfuls?(?:Max)?\b/, "batch, inBatches"],
  [/\b(?:leisurely|pressing)\b/, "backgroundPace, foregroundPace"],
  [/\bhear\b(?=\??[(:])/, "on… (onStdout, onEvent)"],
  [/\b(?:Crowd|Seat|Newcomer)\b/, "ConnectionLimiter, Admission, AdmissionRequest"],
  [/\b(?:Patience|disappointed)\b/, "FailedLogins, isLimited"],
  [/\b(?:Desk|DeskReply)\b/, "Router, RouterReply"],
  [/\b(?:Visit|observeVisit)\b/, "RequestContext, observeRequest"],
  [/\b(?:Entrance|entranceOf)\b/, "ListenerKind, listenerKindOf"],
  [/\b(?:openDoors|openAllDoors|Doors|MainDoor|WebhookDoor|SshDoor)\b/, "listener"],
  [/\b[sS]urroundings\b/, "Environment, environment"],
  [/\b(?:SshWay|WayFlags|resolveWay)\b/, "SshTransport, TransportFlags, resolveTransport"],
  [/\bconsult\b/, "confirm"],
  [/\b(?:renewStore|renewAdministration|Renewal)\b/, "rebuildStore, rebuildWorktreeMetadata"],
  [/\bsettleCheckout\b/, "refreshIndex"],
  [/\bwithoutOurs\b/, "pathsUnlikeCommit"],
  [/\bbring(?:Blobs|Commit)\b/, "fetchBlobs, fetchCommit"],
  [/\b(?:[eE]nlist|[rR]ecruit\w*|[cC]rews?|enrol)\b/, "createServices, resolveGroup, group, register"],
  [/\b(?:nudge\w*|mergeAsked|Lane|tryTurn)\b/, "enqueue, coalesce, ReconcileQueue, reconcileOnce"],
  [
    /\b(?:Ledger|Member|Tidy|Turnstile|UnitCare|Patient)\b/,
    "Records, ManagedService, StoreMaintenance, SharedLock, UnitMonitor",
  ],
  [
    /\b(?:ailmentOf|Alarms?|alarms|vitals|Vitals|unconcerned)\b/,
    "stuckReason, Timers, CrashHistory, unaffected",
  ],
  [
    /\b(?:askedGit|filing|tellUnit|tellsUnit|unsettle|cutOff|untold|strays\w*)\b/,
    "readOnlyGit, fileSlots, runUnitVerb, runsVerb, markCheckoutDirty, interruptedAt, pendingReload, orphans",
  ],
  [
    /\b(?:createStory|tellOn|tellUnwatched|tellIssue|createLook|untilNextLook|lookEveryMs)\b/,
    "report…, check…",
  ],
  [/\bdisplayOptions?\b|\b(?:DisplayOptions|CommandDefinition)\b/, "Display, Command"],
  [/\bthaws?\b/, "freeze-expired"],
];

/** Words of requests and messages that are too common in messages to people: not in names of variables and members. */
const localNames: typeof identifiers = [
  [/\b(?:asked|unasked)\b/, "request, options, requested"],
  [/\b(?:told|heard)\b/, "reported, received, content"],
  [/\b(?:anew|strays?|patience|crowd|visit)\b/, "again, orphans, limit, request"],
];

/** Names that had several meanings. */
const ambiguous: typeof identifiers = [
  [/\b(?:interface|type) (?:Place|Hands|Way|Trail|Wish|Told)\b/, "a name for its one meaning"],
];

/**
 * Words that a reader has to decode, in comments and documents: the actor is not named, or the order is inverted.
 * Messages to people are in string literals, and are not checked.
 */
const phrases: typeof identifiers = [
  [/\bwhom\b/i, "the actor or the object by its name"],
  [/\b(?:somebody|anybody|nobody|everybody)\b/i, "the actor: an admin, another user, another process"],
  [/\bgives? its place back\b/i, "releases its slot"],
  [/\badministrations? of (?:a|one|the|all) (?:checkout|worktree)/i, "worktree metadata"],
  [/\bstand(?:s|ing)? in (?:a|the) (?:deployment|service)'s way\b/i, "delay"],
];

/** As `phrases`, for comments and titles of tests. */
const talk: typeof identifiers = [
  ...phrases,
  [/\b(?:asked|told|heard)\b/i, "requested, queried, polled; reported, sent; received"],
  [/\blooks? (?:at|for)\b|\blooked (?:at|for)\b/i, "observe, poll, check, search"],
  [/\b(?:anew|stray|thaws?|pardoned)\b/i, "again, orphan, expire, cleared"],
  [/\bgives? back\b/i, "returns"],
];

/** Folders whose comments, local names and titles of tests are not checked for `talk` and `localNames`. */
/** `<path>: <word>`, each with the reason. */
const exceptions: ReadonlySet<string> = new Set([
  // The name of a host.
  "src/ctl/hosts/resolve.test.ts: Desk",
  // The trigger in older state files.
  "src/history/rows.ts: thaw",
  // The user of that name.
  "test/integration/publish-as-root.test.ts: nobody",
]);

const comment = /^\s*(?:\/\*\*[\s\S]*?\*\/|\/\/.*$)/gm;

function commentsOf(source: string): string {
  return source.match(comment)?.join("\n") ?? "";
}

/** A document without its code, such as messages that it quotes. */
function proseOf(document: string): string {
  return document.replace(/^```[\s\S]*?^```$|`[^`\n]*`/gm, "");
}

function codeOf(source: string): string {
  return source.replace(comment, "");
}

/** Without the texts of strings and templates, as far as they are on one line. */
function namesOf(source: string): string {
  return codeOf(source).replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|\/\/.*$/gm, "");
}

/** The titles of `test`, `describe` and their variants. */
function titlesOf(source: string): string {
  const titles = source.matchAll(/\b(?:test|describe)\b(?:\.\w+)*(?:\([^()]*\))?\(\s*("[^"\n]*"|`[^`]*`)/g);
  return [...titles].map(([, title = ""]) => title).join("\n");
}

function found(path: string, text: string, list: typeof identifiers): string[] {
  return list.flatMap(([pattern, instead]) => {
    const word = pattern.exec(text)?.[0];
    if (word === undefined || exceptions.has(`${path}: ${word}`)) return [];
    return [`${path}: "${word}"; use ${instead}`];
  });
}

const read = (pattern: string) =>
  globSync(pattern, { cwd: root }).map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const sources = read("src/**/*.ts");
const tests = [...read("test/**/*.ts"), ...read("{bench,demo,scripts}/**/*.ts")];
const own = "test/words.test.ts";

test("replaced identifiers do not come back", () => {
  const everywhere = sources.flatMap(({ path, text }) =>
    found(path, codeOf(text), [...identifiers, ...ambiguous]),
  );
  expect(everywhere).toEqual([]);
});

test("local names are those of requests, reports and observations", () => {
  const ours = sources.filter(({ path }) => !path.endsWith(".test.ts"));
  expect(ours.flatMap(({ path, text }) => found(path, namesOf(text), localNames))).toEqual([]);
});

test("comments and titles of tests name the actor", () => {
  const ours = [...sources, ...tests].filter(({ path }) => path !== own);
  const texts = ours.map(({ path, text }) => ({
    path,
    text: `${proseOf(commentsOf(text))}\n${titlesOf(text)}`,
  }));
  expect(texts.flatMap(({ path, text }) => found(path, text, talk))).toEqual([]);
});

test("titles are found in every form of a test", () => {
  const source = 'test("a", f);\ntest.each([1])("b", f);\ndescribe(`c`, f);\ntest.skipIf(no)(\n  "d",\n f);';
  expect(titlesOf(source)).toBe('"a"\n"b"\n`c`\n"d"');
});

test("documents are plain", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/operate.md",
    ...globSync("docs/decisions/*.md", { cwd: root }),
  ];
  const seen = documents.flatMap((path) =>
    found(path, proseOf(readFileSync(join(root, path), "utf8")), phrases),
  );
  expect(seen).toEqual([]);
});
