/** Why a service is in its state, as a code for alerts and scripts; the text beside it is for people. */

/** Each code with its meaning. Codes stay as they are; docs/operate.md says what to do about each. */
export const stateReasons = {
  "not-deployed-yet": "the first deployment has not started yet",
  "waiting-for-window": "a new commit waits for a window",
  frozen: "a person froze the service",
  released: "a person released the service; its files are plain files, and gitopper leaves it alone",
  "held-at-commit": "a person rolled the service back; it is kept at that commit",

  "local-edits": "files in the checkout differ from the commit",
  "unit-stopped": "the unit is stopped, and neither git nor the config says so",
  "unit-drift": "the unit is masked, disabled, or runs with older files than those on disk",
  "unit-advice": "the unit cannot reload as the config says, or nothing starts it at boot",

  refused: "the newest commit failed a check or has content that gitopper refuses",
  unsigned: "the signature of the newest commit cannot be verified",
  "rolled-back": "the service was not healthy with the newest commit and went back to the one before it",
  undone: "the service was not healthy with its first commit, which was unmounted",
  "link-missing": "the newest commit does not have a link, or has another kind of file there",
  "went-back": "the branch went back to a commit that is older than the deployed one",
  "history-rewritten": "the branch was force-pushed, and fast_forward_only is set",
  "upstream-unreachable":
    "the upstream does not answer, does not accept the credentials, or is a bundle that cannot be used",
  "branch-missing": "the upstream does not have the branch, or it is not at a commit",
  "store-damaged": "the local clone or a checkout of it is damaged; it is rebuilt when the upstream answers",
  "git-failed": "git failed for another reason",

  "unit-failed": "the unit failed, or a systemctl command for it failed",
  "unit-missing": "systemd does not have the unit, or cannot load it",
  "probe-failed": "a health probe failed",
  "mount-failed": "a link could not be mounted or unmounted",
  "path-blocked":
    "the checkout or a link cannot be put in its place: the path is taken, or others can change it",
  "package-failed": "the package of the service could not be installed",
  "user-missing": "the host does not have a user or group that the config names",
  "disk-full": "a disk or a quota is full",
  contended: "something else on the host keeps undoing what gitopper does",
  "host-failed": "the host failed for another reason",
  bug: "gitopper has a bug; the log has the stack",

  other: "an older gitopper wrote the state, without a code",
} as const satisfies Readonly<Record<string, string>>;

export type StateReason = keyof typeof stateReasons;

/** Codes of drift without a failure, the most telling first. */
export const driftReasons = [
  "unit-stopped",
  "unit-drift",
  "local-edits",
  "unit-advice",
  "other",
] as const satisfies readonly StateReason[];
export type DriftReason = (typeof driftReasons)[number];

export const reasonCodes = Object.keys(stateReasons) as readonly StateReason[];

/** `other` for codes that this version does not know. */
export function readReason(code: unknown): StateReason {
  return reasonCodes.find((known) => known === code) ?? "other";
}

/** The newest commit is bad: it was not deployed or was rolled back, and is not tried again automatically. */
export function isBadCommitReason(code: StateReason | null | undefined): boolean {
  return code === "refused" || code === "unsigned" || code === "rolled-back" || code === "undone";
}
