/** Webhooks: who may tell of a push, and what it tells. */
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

/** Where a secret is: in a file, or in one of systemd's credentials (systemd.exec(5), LoadCredential=). */
export type SecretPlace = { readonly file: string } | { readonly credential: string };

/** One `[[webhooks]]` entry: what `POST /webhook/<name>` takes. */
export interface Webhook {
  readonly name: string;
  readonly kind: Forge;
  /** Any of them will do: there are several while one is replaced. */
  readonly secrets: readonly SecretPlace[];
  /** The upstreams that it wakes; null: those that are the repository of the push. */
  readonly upstreams: readonly string[] | null;
}

/** What a webhook is counted as whose name is not in the config. */
export const unknownWebhook = "unknown";

/** Branches of a repository that have moved. */
export interface Push {
  /** The repository's URLs, as the forge has them; none: it does not say. */
  readonly repository: readonly string[];
  readonly branches: readonly BranchMove[];
}

export interface BranchMove {
  readonly branch: string;
  /** Null: it is new, or nobody says. */
  readonly before: Commit | null;
  /** Null: it is gone, or nobody says. */
  readonly after: Commit | null;
}

/**
 * What came of a webhook: it woke services, there was nothing to wake for it, it came a second time, it could not be
 * read, or its secret is not the right one.
 */
export type WebhookResult = (typeof webhookResults)[number];
export const webhookResults = ["woke", "ignored", "repeated", "unreadable", "refused"] as const;
