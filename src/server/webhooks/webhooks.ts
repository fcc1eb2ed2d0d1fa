/** Handles webhooks: authenticates them, skips repetitions, and polls upstream for those that report a push. */
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { json, problem } from "../../api/problem.ts";
import type { Reply } from "../../api/route.ts";
import { parseJson } from "../../model/text/untrusted.ts";
import {
  type Forge,
  type Push,
  unknownWebhook,
  type Webhook,
  type WebhookResult,
} from "../../model/webhook.ts";
import type { HandleWebhook } from "../http/webhook-receiver.ts";
import { azure } from "./azure.ts";
import { bitbucket } from "./bitbucket.ts";
import type { Dialect, WebhookRequest } from "./forge.ts";
import { generic } from "./generic.ts";
import { forgejo, gitea, github, gogs } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { isSignedHex } from "./proof.ts";
import { ReplayWindow } from "./replay-window.ts";

const dialects: Readonly<Record<Forge, Dialect>> = {
  github,
  gitea,
  forgejo,
  gogs,
  gitlab,
  bitbucket,
  azure,
  generic,
};

export interface WebhooksOptions {
  readonly webhooks: readonly Webhook[];
  /** The current secrets; empty: every request is refused. */
  readonly secretsOf: (webhook: Webhook) => readonly string[];
  /** `message` names the services that were woken, or says why none was. */
  readonly wake: (webhook: Webhook, push: Push) => { readonly woke: boolean; readonly message: string };
  readonly onResult: (webhook: string, result: WebhookResult) => void;
  readonly log: (line: string) => void;
  readonly clock: { now(): Date; monotonicMs(): number };
}

/** Handles `POST /webhook/<name>`. */
export function createWebhooks(options: WebhooksOptions): HandleWebhook {
  const { webhooks, onResult, log, clock } = options;
  const known = new Map(webhooks.map((webhook) => [webhook.name, webhook]));
  const seen = new ReplayWindow(() => clock.monotonicMs());
  return ({ name, headers, body }) => {
    const webhook = known.get(name);
    const request = { header: headerOf(headers), body, now: clock.now() };
    const { result, message } = take(webhook, request, seen, options);
    onResult(webhook?.name ?? unknownWebhook, result);
    if (result !== "refused") log(`webhook ${name}: ${message}`);
    return { reply: replyOf(result, message), isRefused: result === "refused" };
  };
}

function take(
  webhook: Webhook | undefined,
  request: WebhookRequest,
  seen: ReplayWindow,
  { secretsOf, wake }: WebhooksOptions,
): { readonly result: WebhookResult; readonly message: string } {
  if (webhook === undefined || !isProven(webhook, request, secretsOf(webhook))) {
    // The time of a reply must not reveal which webhooks exist.
    if (webhook === undefined) isSignedHex(null, request.body, randomBytes(32).toString("hex"));
    return {
      result: "refused",
      message: "The secret or signature is not right, or there is no such webhook",
    };
  }
  const { keysOf, read } = dialects[webhook.kind];
  const payload = parseJson(request.body.toString());
  const content = read(request, payload);
  if (content === null)
    return { result: "unreadable", message: `this is not what ${webhook.kind} sends; look at its kind` };
  if (content.is === "ping") return { result: "ignored", message: "pong" };
  if (content.is === "other") return { result: "ignored", message: `${quoted(content.event)} wakes nothing` };
  if (!seen.isFirst(keysOf(request, payload).map((key) => `${webhook.name}\0${key}`)))
    return { result: "repeated", message: "this has been here before" };
  const { woke, message } = wake(webhook, content);
  return { result: woke ? "woke" : "ignored", message };
}

/** Tries every secret, and signs the body in any case, so that the time does not depend on what is wrong. */
function isProven({ kind }: Webhook, request: WebhookRequest, secrets: readonly string[]): boolean {
  const tries = secrets.map((secret) => dialects[kind].isProven(request, secret));
  if (kind === "gitlab" || kind === "azure" || secrets.length === 0)
    isSignedHex(null, request.body, randomBytes(32).toString("hex"));
  return tries.includes(true);
}

function replyOf(result: WebhookResult, message: string): Reply & { readonly body: string } {
  if (result === "refused") return problem(401, message);
  if (result === "unreadable") return problem(400, message);
  return json(result === "woke" ? 202 : 200, { message });
}

function headerOf(headers: IncomingHttpHeaders): WebhookRequest["header"] {
  return (name) => {
    const value = headers[name];
    return typeof value === "string" ? value : null;
  };
}

/** An untrusted name, on one line. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100).replace(/[^\x20-\x7e]/g, "?"));
}
