import { expect, test } from "vitest";
import type { AuditEntry } from "../api/shapes.ts";
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
  [{ what: "POST /api/v1/tokens", reason: "" }, "ops: POST /tokens"],
])("%o", (change, sentence) => {
  expect(sentenceOf({ ...entry, ...change })).toBe(sentence.replace(/: $/, ""));
});
