/** Queries and bodies of the routes of version 1. */
import * as z from "zod/mini";
import { role } from "./shapes.ts";
import { instant } from "./values.ts";

const textMaxChars = 200;
/** One line of text. */
const line = z.string().check(
  z.maxLength(textMaxChars),
  z.refine((text) => !/\p{Cc}/u.test(text), "has a control character"),
);
const reason = z._default(line, "");

export const freezeBody = z.strictObject({
  reason,
  /** Go's format: `30m`, `2h`. */
  for: z.optional(line),
  until: z.optional(instant),
});
export const asideBody = z.strictObject({
  reason,
  /** Absent: all services of the host. */
  service: z.optional(line),
  /** Go's format. */
  for: z._default(line, "15m"),
});
/** Absent: all services of the host. */
export const releaseBody = z.strictObject({ reason, service: z.optional(line) });
export const resumeBody = z.strictObject({ reason, service: z.optional(line) });
export const rollbackBody = z.strictObject({ commit: line, reason });
export const pullBody = z.strictObject({
  reason,
  overrideWindow: z._default(z.boolean(), false),
  again: z._default(z.boolean(), false),
});
export const tokenBody = z.strictObject({
  name: z.string().check(z.regex(/^[\w.@-]{1,64}$/, "has to be 1 to 64 of letters, digits, and . _ - @")),
  role,
  expiresAt: z._default(z.nullable(instant), null),
});

const pageSizeMax = 500;
const limit = z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(pageSizeMax)), 50);
const id = z.coerce.number().check(z.int(), z.minimum(0));
export const pageQuery = z.strictObject({ limit, before: z._default(z.nullable(id), null) });
export const unitLogQuery = z.strictObject({ lines: z._default(limit, 20) });
export const commitQuery = z.strictObject({ to: z.optional(line) });
export const eventsQuery = z.strictObject({ limit, after: z._default(id, 0) });
