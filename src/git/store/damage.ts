/** Recognises damage of a repository from git's messages. Pure; the messages are those of git 2.36 to 2.39. */
import { isAtOrBelow } from "../../model/path.ts";
import type { StateReason } from "../../model/reason/state-reason.ts";
import type { ExecFailure } from "../../platform/process/exec.ts";

export type Damage =
  /** A lock is in the way: another git is at work, or one was killed. */
  | { readonly kind: "lock"; readonly why: string }
  /** The metadata of one checkout: its HEAD, index or config. */
  | { readonly kind: "checkout"; readonly why: string }
  /** What all checkouts of a store share: objects, refs and config. */
  | { readonly kind: "store"; readonly why: string };

/** The first match counts. Lines after `remote: ` come from upstream and are ignored. */
export function damageIn(stderr: string): Damage | null {
  const lines = stderr.split(/[\r\n]+/).filter((line) => ours.test(line));
  const isReceived = lines.some((line) => received.test(line));
  for (const { kind, words } of table) {
    const line = lines.find(
      (text) => words.some((some) => has(text, some)) && !(isReceived && inflate.test(text)),
    );
    if (line !== undefined) return { kind, why: line.replace(ours, "") };
  }
  return null;
}

/** False when the message names a path outside of these places, such as an upstream on this host. */
export function isAbout(why: string, places: readonly string[]): boolean {
  const path = /(?:^|[\s'(])(\/[^\s'()]+)/.exec(why)?.[1];
  return path === undefined || places.some((place) => isAtOrBelow(path, place));
}

/**
 * The reason code of a failed git, for scripts and alerts; undefined: no specific one. For any git: a full disk comes
 * from the failure's own code.
 */
export function codeOfGit({ code, stderr }: ExecFailure): StateReason | undefined {
  const kind = code === undefined ? damageIn(stderr)?.kind : undefined;
  return kind === "store" || kind === "checkout" ? "store-damaged" : undefined;
}

/** For a git that talks to upstream: what is not caused by our disk or our store counts as unreachable upstream. */
export function codeOfFetch(failure: ExecFailure): StateReason | undefined {
  if (failure.code !== undefined || damageIn(failure.stderr) !== null) return codeOfGit(failure);
  return "upstream-unreachable";
}

/** A prefix of git's own; what follows `remote error: ` is from upstream again. */
const ours = /^(?:error|fatal|warning): (?!remote error: )/;

/** What a pack that arrives has is wrong with upstream or the way from it; git-index-pack(1) names no file then. */
const received = /^fatal: pack has bad object at offset /;
const inflate = /^error: inflate: data stream error/;

/** Fragments that a message has in this order. */
type Words = readonly string[];

const each = (before: string, endings: readonly string[]): Words[] => endings.map((end) => [before, end]);
const indexFaults = ["too small", "signature", "corrupt", "mismatch", "invalid", "does not"];

const table: readonly { readonly kind: Damage["kind"]; readonly words: readonly Words[] }[] = [
  {
    kind: "lock",
    words: [
      ["Unable to create '", ".lock': File exists"],
      ["could not lock ", ": File exists"],
    ],
  },
  {
    kind: "checkout",
    words: [
      ["index file smaller than expected"],
      ["index file corrupt"],
      ["index file open failed"],
      ["bad signature 0x"],
      ["bad index file sha1 signature"],
      ["bad index version"],
      ["unordered stage entries in index"],
      ["unknown index entry format"],
      ["not a git repository: /", "/worktrees/"],
      ["not a git repository: '/", "/worktrees/"],
      ["bad config line ", " in file ", "/worktrees/", "/config.worktree"],
      ["failed to read ", "/worktrees/", "/commondir"],
      ["bad object HEAD"],
      ["invalid path ''"],
    ],
  },
  {
    kind: "store",
    words: [
      // Refs, HEAD and config.
      ["unable to resolve reference '", "': reference broken"],
      ["ignoring broken ref"],
      ["ignoring dangling ref"],
      ["unexpected line in ", "/packed-refs"],
      ...each("packed-refs", [" is corrupt", " unterminated"]),
      ["unterminated line in ", "/packed-refs"],
      ["not a git repository: '"],
      ["'origin' does not appear to be a git repository"],
      ["bad config line"],
      ["bad config variable"],
      ["bad shallow line"],
      // Objects.
      ["packed object ", " (stored in ", ") is corrupt"],
      ["loose object ", " (stored in ", ") is corrupt"],
      ["object file ", " is empty"],
      ["unable to unpack ", " header"],
      ["unable to parse ", " header"],
      ["cannot read existing object info"],
      ["hash mismatch"],
      ["bad tree object"],
      ["could not parse commit"],
      ["could not parse tree"],
      ["unable to read tree"],
      ["failed to unpack tree object"],
      ["unable to open object pack directory"],
      // No git of ours fetches implicitly, so a missing object is lost.
      ["could not fetch ", " from promisor remote"],
      // The store was made as partial for an upstream that served the files.
      ["Server does not allow request for unadvertised object"],
      // Packs and the files beside them.
      ...each("packfile ", [" does not match index", " cannot be accessed", " is truncated"]),
      ["file ", " is far too short to be a packfile"],
      ["file ", " is not a GIT packfile"],
      ["non-monotonic index"],
      ...each("index file ", [".idx is too small", ".idx is corrupt"]),
      ["wrong index v2 file size"],
      ...each("multi-pack-index ", indexFaults),
      ...each("commit-graph ", [...indexFaults, "missing"]),
    ],
  },
  // Other lines say more.
  { kind: "store", words: [["inflate: data stream error"]] },
];

/** Matches in one pass, however long the line is. */
function has(line: string, words: Words): boolean {
  let at = 0;
  for (const word of words) {
    const found = line.indexOf(word, at);
    if (found < 0) return false;
    at = found + word.length;
  }
  return true;
}
