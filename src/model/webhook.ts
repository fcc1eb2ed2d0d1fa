/** Webhooks: their secrets and upstreams, and the pushes that they report. */
import type { Commit } from "./commit.ts";

export const forges = [
  "github",
  "gitlab",
  "gitea",
  "forgejo",
  "gogs",
  "bitbucket",
  "azure",
  "generic",
] as const;
export type Forge = (typeof forges)[number];

/** The location of a secret: a file, or a systemd credential (systemd.exec(5), LoadCredential=). */
export type SecretPlace = { readonly file: string } | { readonly credential: string };

/** One `[[webhooks]]` entry: what `POST /webhook/<name>` accepts. */
export interface Webhook {
  readonly name: string;
  readonly kind: Forge;
  /** Any of them is accepted, so that a secret can be replaced. */
  readonly secrets: readonly SecretPlace[];
  /** The upstreams to poll; null: those that are the repository of the push. */
  readonly upstreams: readonly string[] | null;
}

/** The label for webhooks whose name is not in the config. */
export const unknownWebhook = "unknown";

/** Branches of a repository that have moved. */
export interface Push {
  /** The repository's URLs as the forge sends them; empty: the forge does not send them. */
  readonly repository: readonly string[];
  readonly branches: readonly BranchMove[];
}

export interface BranchMove {
  readonly branch: string;
  /** Null: the branch is new, or the forge does not say. */
  readonly before: Commit | null;
  /** Null: the branch is gone, or the forge does not say. */
  readonly after: Commit | null;
}

/**
 * The outcome of a webhook: it started polls, no service was affected, it was a repetition, it was malformed, or its
 * secret was wrong.
 */
export type WebhookResult = (typeof webhookResults)[number];
export const webhookResults = ["woke", "ignored", "repeated", "unreadable", "refused"] as const;
