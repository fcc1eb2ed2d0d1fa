import { expect, test } from "vitest";
import { routes } from "../../api/routes.ts";
import type { AuditEntry } from "../../api/shapes.ts";
import { sentenceOf } from "./sentence.ts";

const entry: AuditEntry = {
  ...{ id: 1, at: "2026-11-28T10:00:00Z", who: "ops", from: "10.0.0.9", door: "https", credential: "token" },
  ...{ what: "POST /api/v1/services/nginx/freeze", reason: "release week", status: 200, result: "" },
};

test.each<[Partial<AuditEntry>, string]>([
  [{}, "ops froze nginx: release week"],
  [
    { result: "nginx is frozen: it ignores its upstream until 2026-11-28 14:00 UTC, or you unfreeze it" },
    "ops froze nginx until 2026-11-28 14:00 UTC: release week",
  ],
  [
    {
      what: "POST /api/v1/services/nginx/rollback",
      reason: "",
      result: "nginx goes to 1a2b3c4d and stays there until you unfreeze it",
    },
    "ops rolled back nginx to 1a2b3c4d",
  ],
  [{ what: "POST /state/rollback/nginx/1a2b3c4d5e", reason: "" }, "ops rolled back nginx to 1a2b3c4d: "],
  [{ what: "POST /do/pull/nginx", reason: "" }, "ops pulled nginx"],
  [{ status: 403, result: "needs operate" }, "ops may not freeze nginx"],
  [{ status: 409, result: "nginx is frozen already" }, "ops could not freeze nginx: nginx is frozen already"],
  [{ what: "POST /api/v1/services/getty%40tty1/pull", reason: "" }, "ops pulled getty@tty1"],
  [{ what: "POST /api/v1/services/%zz/pull", reason: "" }, "ops pulled %zz"],
  [{ what: "POST /api/v1/tokens", reason: "", result: "Made token ci (read)" }, "ops made token ci (read)"],
  [{ what: "POST /api/v1/tokens", reason: "" }, "ops made a token"],
  [{ what: "POST /api/v1/tokens", status: 403, result: "needs operate" }, "ops may not make a token"],
  [{ what: "DELETE /api/v1/tokens/ci%40web", reason: "" }, "ops revoked token ci@web"],
  [
    { what: "DELETE /api/v1/tokens/ci", status: 404, result: 'There is no token "ci"' },
    'ops could not revoke token ci: There is no token "ci"',
  ],
  [
    {
      what: "POST /api/v1/aside",
      reason: "dpkg",
      result: "unmounted /etc/sudoers.d/ops until 2026-11-28 14:00 UTC, or you resume",
    },
    "ops stepped aside (unmounted /etc/sudoers.d/ops until 2026-11-28 14:00 UTC): dpkg",
  ],
  [
    { what: "POST /api/v1/resume", reason: "", result: "mounting again: app" },
    "ops resumed (mounting again: app)",
  ],
  [{ what: "POST /api/v1/aside", status: 403, result: "needs operate" }, "ops may not step aside"],
  [{ what: "POST /api/v2/flags", reason: "" }, "ops: POST /api/v2/flags"],
])("%o", (change, sentence) => {
  expect(sentenceOf({ ...entry, ...change })).toBe(sentence.replace(/: $/, ""));
});

const changing = routes.filter(({ method }) => method !== "GET");

test.each(changing.map(({ method, path }) => `${method} ${path.replace(/{(\w+)}/g, "some-$1")}`))(
  "%s has a sentence, whether accepted or refused",
  (what) => {
    const told = [200, 403, 409].map((status) => sentenceOf({ ...entry, what, status, reason: "" }));
    expect(told).toEqual(told.map(() => expect.stringMatching(/^ops [a-z][^/:]*$/)));
    expect(new Set(told)).toHaveLength(3);
  },
);
