import { expect, test } from "vitest";
import { hashOf } from "../../../test/builders/ctl-details.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import type { Commit } from "../commit.ts";
import { HostFault, Problem, Refusal } from "../problem.ts";
import { type Hold, reasonOf, type ServiceState, shownState } from "../state.ts";
import { reasonCodes, type StateReason } from "./state-reason.ts";

const commit = hashOf("a") as Commit;
const waiting = { commit, until: null, why: "a window" };
const freeze: Hold = {
  kind: "freeze",
  commit: null,
  by: "root",
  reason: "",
  since: new Date(0),
  until: null,
};
const rollback = { ...freeze, kind: "rollback", commit } as const;
const drift = { drift: "drift: the unit is stopped", code: "unit-stopped" } as const;
const failed = { reason: "text for people", code: "probe-failed" } as const;

test.each<[string, ServiceState, StateReason | null]>([
  ["all is well", { name: "OK", drift: "" }, null],
  ["a commit waits", { name: "OK", drift: "", waiting }, "waiting-for-window"],
  ["something has drifted", { name: "OK", ...drift, waiting }, "unit-stopped"],
  ["an older gitopper saw drift", { name: "OK", drift: "drift: x" }, "other"],
  ["it is frozen", { name: "FREEZE", hold: freeze, ...drift }, "frozen"],
  [
    "it was rolled back, and frozen after that",
    { name: "FREEZE", hold: rollback, drift: "" },
    "held-at-commit",
  ],
  ["it was released", { name: "FREEZE", hold: { ...freeze, kind: "release" }, drift: "" }, "released"],
  ["it is rolled back", { name: "ROLLBACK", hold: rollback }, "held-at-commit"],
  ["it failed", { name: "BROKEN", ...failed, hold: null, waiting }, "probe-failed"],
  ["it failed while it is held", { name: "DIFF", ...failed, hold: freeze }, "probe-failed"],
  ["it was never deployed", shownState({ name: "OK", drift: "" }, null), "not-deployed-yet"],
  ["its first commit waits", shownState({ name: "OK", drift: "", waiting }, null), "waiting-for-window"],
])("the reason when %s", (_, state, reason) => {
  expect(reasonOf(state)).toBe(reason);
});

test.each(reasonCodes)("a failure with the code %s is the reason of the state", (code) => {
  expect(reasonOf({ name: "DIFF", reason: "", code, hold: null })).toBe(code);
});

test("a problem without a code has that of its part, or of a cause of the same part", () => {
  expect(new Problem("git", "no").code).toBe("git-failed");
  expect(new HostFault("no").code).toBe("host-failed");
  expect(new Refusal("no").code).toBe("refused");
  const missing = new Problem("git", "no", { code: "link-missing" });
  expect(new Problem("git", "no", { cause: missing }).code).toBe("link-missing");
  expect(new Problem("host", "no", { cause: missing }).code).toBe("host-failed");
});

test("a full disk is recognised among all causes, unless it is upstream's", () => {
  const full = Object.assign(new Error("write"), { code: "ENOSPC", syscall: "write" });
  const git = (stderr: string) => new ExecFailure(["git", "fetch"], "exit status 128", 128, { stderr });
  const local = new Problem("git", "no", { cause: git("fatal: write error: No space left on device\n") });
  expect(new Problem("host", "no", { cause: full }).code).toBe("disk-full");
  expect(local.code).toBe("disk-full");
  expect(new Problem("host", "no", { cause: local }).code).toBe("disk-full");
  const theirs = git("remote: fatal: write error: No space left on device\nfatal: early EOF\n");
  expect(new Problem("git", "no", { cause: theirs }).code).toBe("git-failed");
});
