/**
 * GitHub: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push, and those that send the same under other
 * headers: https://docs.gitea.com/usage/webhooks (Forgejo too), https://gogs.io/advancing/webhooks
 */
import * as z from "zod/mini";
import { parseJson } from "../../model/text/untrusted.ts";
import {
  type Dialect,
  idAndBody,
  moved,
  present,
  readPush,
  text,
  type WebhookContent,
  type WebhookRequest,
} from "./forge.ts";
import { isSignedHex } from "./proof.ts";

/** The common part of the payloads of GitHub and of compatible forges. */
const push = z.object({
  ref: z.string(),
  before: text,
  after: text,
  repository: z.object({ html_url: text, clone_url: text, ssh_url: text, git_url: text, url: text }),
});

export const github = named("github", "x-hub-signature-256");
export const gitea = named("gitea");
export const forgejo = named("forgejo");
export const gogs = named("gogs");

function named(name: string, signature = `x-${name}-signature`): Dialect {
  return {
    isProven: ({ header, body }, secret) => isSignedHex(header(signature), body, secret),
    keysOf: ({ header, body }) => idAndBody(header(`x-${name}-delivery`), body),
    read: (request, payload) => readEvent(request, payload, `x-${name}-event`),
  };
}

/** Parses JSON, or a form with a JSON field. */
function readEvent(request: WebhookRequest, payload: unknown, eventHeader: string): WebhookContent | null {
  const event = request.header(eventHeader);
  if (event === "ping") return { is: "ping" };
  if (event !== "push") return event === null ? null : { is: "other", event };
  const given = isForm(request) ? payloadOfForm(request.body) : payload;
  return readPush(push, given, ({ ref, before, after, repository: urls }) => ({
    repository: present(urls.clone_url, urls.ssh_url, urls.html_url, urls.git_url, urls.url),
    branches: moved(ref, before, after),
  }));
}

function isForm({ header }: WebhookRequest): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(header("content-type") ?? "");
}

function payloadOfForm(body: Buffer): unknown {
  return parseJson(new URLSearchParams(body.toString()).get("payload") ?? "");
}
