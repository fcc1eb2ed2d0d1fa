/** Shapes of single values. */
import * as z from "zod/mini";

/** RFC 3339, in UTC. */
export const instant = z.iso.datetime();
export const commit = z.string().check(z.regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/));
export const count = z.int().check(z.nonnegative());
