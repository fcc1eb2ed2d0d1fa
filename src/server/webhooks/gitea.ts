/** Gitea, Forgejo and Gogs: https://docs.gitea.com/usage/webhooks, https://gogs.io/advancing/webhooks */
import { type Dialect, idAndBody } from "./forge.ts";
import { readLikeGithub } from "./github.ts";
import { isSignedHex } from "./proof.ts";

/** They differ only in the names of their headers. */
function named(name: "gitea" | "forgejo" | "gogs"): Dialect {
  return {
    isProven: ({ header, body }, secret) => isSignedHex(header(`x-${name}-signature`), body, secret),
    keysOf: ({ header, body }) => idAndBody(header(`x-${name}-delivery`), body),
    read: (request, payload) => readLikeGithub(request, payload, `x-${name}-event`),
  };
}

export const gitea = named("gitea");
export const forgejo = named("forgejo");
export const gogs = named("gogs");
