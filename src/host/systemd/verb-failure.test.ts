import { expect, test } from "vitest";
import type { StateReason } from "../../model/reason/state-reason.ts";
import { explainVerbFailure } from "./verb-failure.ts";

const job = "Job for app.service failed because";
test.each<[string, string, boolean, RegExp, StateReason?]>([
  ["its process failed", `${job} the control process exited with error code.`, false, /control process/],
  ["too many starts", `${job} start of the service was attempted too often.`, true, /too often/],
  [
    "it is gone",
    "Failed to restart app.service: Unit app.service not found.",
    true,
    /does not exist/,
    "unit-missing",
  ],
  [
    "it is masked",
    "Failed to restart app.service: Unit app.service is masked.",
    true,
    /unmask app\.service/,
    "unit-missing",
  ],
  [
    "it cannot reload",
    "Failed to reload app.service: Job type reload is not applicable for unit app.service.",
    true,
    /app\.service cannot reload .*"reload-or-restart"/,
    "unit-advice",
  ],
  ["what it needs failed", "A dependency job for app.service failed.", true, /dependency/],
  ["its job was taken back", "Job for app.service canceled.", true, /canceled/],
  ["systemd does not answer", "Failed to connect to bus: No such file or directory", true, /bus/],
])("%s", (_, stderr, byHost, why, code = "unit-failed") => {
  const failure = explainVerbFailure("app", stderr, stderr);
  expect(failure).toEqual({ byHost, code, why: expect.stringMatching(why) });
});
