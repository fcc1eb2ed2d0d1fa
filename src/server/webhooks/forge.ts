/** The interface of a forge's webhooks: how they are authenticated, and how they are parsed. */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { BranchMove, Push } from "../../model/webhook.ts";

/** A request before authentication. */
export interface WebhookRequest {
  /** The value of a header that occurs once; null: it does not. */
  readonly header: (name: string) => string | null;
  readonly body: Buffer;
  readonly now: Date;
}

/** The content of a webhook. */
export type WebhookContent =
  | ({ readonly is: "push" } & Push)
  /** The forge tests the connection. */
  | { readonly is: "ping" }
  | { readonly is: "other"; readonly event: string };

/** The implementation for one kind of forge. */
export interface Dialect {
  readonly isProven: (request: WebhookRequest, secret: string) => boolean;
  /** Keys that identify a delivery; empty: it has none. */
  readonly keysOf: (request: WebhookRequest, payload: unknown) => readonly string[];
  /** Null: malformed. */
  readonly read: (request: WebhookRequest, payload: unknown) => WebhookContent | null;
}

/** Reads a payload of this shape as a push; null: malformed. */
export function readPush<S extends z.ZodMiniType>(
  shape: S,
  payload: unknown,
  toPush: (parsed: z.output<S>) => Push,
): WebhookContent | null {
  const { data } = z.safeParse(shape, payload);
  return data === undefined ? null : { is: "push", ...toPush(data) };
}

/** A field that a forge may leave out. */
export const text = z.nullish(z.string());

/** One branch from `refs/heads/…`, none from any other ref; an id of zeros means no commit. */
export function moved(
  ref: string,
  before: string | null | undefined,
  after: string | null | undefined,
): BranchMove[] {
  const branch = /^refs\/heads\/(.{1,255})$/s.exec(ref)?.[1];
  return branch === undefined ? [] : [{ branch, before: commitOf(before), after: commitOf(after) }];
}

function commitOf(id: string | null | undefined): Commit | null {
  return /^0*$/.test(id ?? "") ? null : parseCommit((id ?? "").toLowerCase());
}

/**
 * Identifies deliveries whose signature covers only the body: someone could replay one under another id, and no forge
 * sends the same body twice.
 */
export function idAndBody(id: string | null, body: Buffer): string[] {
  return id === null ? [] : [id, createHash("sha256").update(body).digest("base64")];
}

/** The non-empty texts. */
export function present(...texts: readonly (string | null | undefined)[]): string[] {
  return texts.filter((text): text is string => typeof text === "string" && text !== "");
}
