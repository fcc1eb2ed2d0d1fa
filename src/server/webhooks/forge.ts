/** What a forge's webhook is like: how it shows its secret, and what it says. */
import { createHash } from "node:crypto";
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { BranchMove, Push } from "../../model/webhook.ts";

/** A request, before anything in it is believed. */
export interface WebhookRequest {
  /** A header that came once; null: it did not. */
  readonly header: (name: string) => string | null;
  readonly body: Buffer;
  readonly now: Date;
}

/** What one of them says. */
export type WebhookContent =
  | ({ readonly is: "push" } & Push)
  /** The forge tries whether we are there. */
  | { readonly is: "ping" }
  | { readonly is: "other"; readonly event: string };

/** How one kind of forge does it. */
export interface Dialect {
  readonly isProven: (request: WebhookRequest, secret: string) => boolean;
  /** What tells one delivery from another; empty: nothing does. */
  readonly keysOf: (request: WebhookRequest, payload: unknown) => readonly string[];
  /** Null: it is not what the forge sends. */
  readonly read: (request: WebhookRequest, payload: unknown) => WebhookContent | null;
}

/** One branch from `refs/heads/…`, none from any other ref; an id of zeros is a commit that is not there. */
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
 * What tells deliveries apart whose signature is over the body alone: who kept one could send it again under another
 * id, and no forge sends a body twice.
 */
export function idAndBody(id: string | null, body: Buffer): string[] {
  return id === null ? [] : [id, createHash("sha256").update(body).digest("base64")];
}

/** The texts there are. */
export function present(...texts: readonly (string | null | undefined)[]): string[] {
  return texts.filter((text): text is string => typeof text === "string" && text !== "");
}

/** JSON; undefined: it is none. */
export function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
