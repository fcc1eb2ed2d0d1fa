/** Tells from git's words that its own files are in disorder. Pure; the words are those of git 2.36 to 2.39. */
import { isAtOrBelow } from "../model/path.ts";

export type Damage =
  /** A lock is in the way: another git works there, or one was killed. */
  | { readonly kind: "lock"; readonly why: string }
  /** The administration of one checkout: its HEAD, its index, its config. */
  | { readonly kind: "checkout"; readonly why: string }
  /** What all checkouts of a store share: objects, refs, config. */
  | { readonly kind: "store"; readonly why: string };

/** The first that fits counts. What upstream itself says stands behind `remote: `, and is not listened to. */
export function damageIn(stderr: string): Damage | null {
  const lines = stderr.split(/[\r\n]+/).filter((line) => ours.test(line));
  for (const { kind, words } of table) {
    const line = lines.find((text) => words.test(text));
    if (line !== undefined) return { kind, why: line.replace(ours, "") };
  }
  return null;
}

/** False when it names a path that is in none of these places, as an upstream on this host would. */
export function isAbout(why: string, places: readonly string[]): boolean {
  const path = /(?:^|[\s'(])(\/[^\s'()]+)/.exec(why)?.[1];
  return path === undefined || places.some((place) => isAtOrBelow(path, place));
}

const ours = /^(?:error|fatal|warning): /;

const table: readonly { readonly kind: Damage["kind"]; readonly words: RegExp }[] = [
  { kind: "lock", words: /Unable to create '.+\.lock': File exists|could not lock .+: File exists/ },
  {
    kind: "checkout",
    words: anyOf(
      "index file (?:smaller than expected|corrupt|open failed)",
      "bad signature 0x",
      "bad index (?:file sha1 signature|version)",
      "unordered stage entries in index",
      "unknown index entry format",
      "not a git repository: [^'(].*/worktrees/[^/]+$",
      "bad config line \\d+ in file .+/worktrees/[^/]+/config\\.worktree",
      "failed to read .+/worktrees/[^/]+/commondir",
      "bad object HEAD",
      "invalid path ''",
    ),
  },
  {
    kind: "store",
    words: anyOf(
      // Refs, HEAD and config.
      "unable to resolve reference '.+': reference broken",
      "ignoring (?:broken|dangling) ref",
      "unexpected line in .+/packed-refs",
      "packed-refs.* (?:is corrupt|unterminated)",
      "unterminated line in .+/packed-refs",
      "not a git repository: '",
      "'origin' does not appear to be a git repository",
      "bad config (?:line|variable)",
      "bad shallow line",
      // Objects.
      "(?:packed|loose) object [0-9a-f]+ \\(stored in .+\\) is corrupt",
      "object file .+ is empty",
      "unable to (?:unpack|parse) [0-9a-f]+ header",
      "cannot read existing object info",
      "hash mismatch",
      "bad tree object|could not parse (?:commit|tree)|unable to read tree",
      "unable to open object pack directory",
      // Packs, and what stands beside them.
      "packfile .+ (?:does not match index|cannot be accessed|is truncated)",
      "file .+ is far too short to be a packfile",
      "file .+ is not a GIT packfile",
      "non-monotonic index",
      "index file .+\\.idx is (?:too small|corrupt)",
      "wrong index v2 file size",
      "multi-pack-index .*(?:too small|signature|corrupt|mismatch|invalid|does not)",
      "commit-graph .*(?:too small|signature|corrupt|mismatch|invalid|does not|missing)",
    ),
  },
];

function anyOf(...words: readonly string[]): RegExp {
  return new RegExp(words.join("|"));
}
