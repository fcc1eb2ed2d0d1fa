/** Shapes of single values. */
import * as z from "zod/mini";
import { reasonCodes } from "../model/reason/state-reason.ts";

/** RFC 3339, in UTC. */
export const instant = z.iso.datetime();
export const commit = z.string().check(z.regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/));
export const count = z.int().check(z.nonnegative());

/** Why a service is in its state; null: all is well. Absent from an older daemon; `other`: newer than this list. */
export const reason = z.optional(z.nullable(z.catch(z.enum(reasonCodes), "other")));
