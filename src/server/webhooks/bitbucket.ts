/**
 * Bitbucket Cloud: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/#Push, and Data Center:
 * https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html
 */
import * as z from "zod/mini";
import { type Dialect, idAndBody, moved, present, type WebhookContent } from "./forge.ts";
import { isSignedHex } from "./proof.ts";

const href = z.object({ href: z.string() });
const side = z.nullish(
  z.object({ type: z.string(), name: z.string(), target: z.nullish(z.object({ hash: z.string() })) }),
);

const cloudPush = z.object({
  push: z.object({ changes: z.array(z.object({ old: side, new: side })) }),
  repository: z.object({ links: z.nullish(z.object({ html: z.nullish(href) })) }),
});

const dataCenterPush = z.object({
  changes: z.array(z.object({ refId: z.string(), fromHash: z.string(), toHash: z.string() })),
  repository: z.object({
    links: z.nullish(z.object({ clone: z.nullish(z.array(href)), self: z.nullish(z.array(href)) })),
  }),
});

export const bitbucket: Dialect = {
  isProven: ({ header, body }, secret) => isSignedHex(header("x-hub-signature"), body, secret),
  keysOf: ({ header, body }) => idAndBody(header("x-request-uuid") ?? header("x-request-id"), body),
  read: ({ header }, payload) => {
    const event = header("x-event-key");
    switch (event) {
      case null:
        return null;
      case "diagnostics:ping":
        return { is: "ping" };
      case "repo:push":
        return readCloud(payload);
      case "repo:refs_changed":
        return readDataCenter(payload);
      default:
        return { is: "other", event };
    }
  },
};

/** A branch has been made where `old` is missing, and is gone where `new` is. */
function readCloud(payload: unknown): WebhookContent | null {
  const parsed = z.safeParse(cloudPush, payload);
  if (!parsed.success) return null;
  const { push, repository } = parsed.data;
  const branches = push.changes.flatMap((change) => {
    const ref = change.new ?? change.old;
    if (ref?.type !== "branch") return [];
    return moved(`refs/heads/${ref.name}`, change.old?.target?.hash, change.new?.target?.hash);
  });
  return { is: "push", repository: present(repository.links?.html?.href), branches };
}

function readDataCenter(payload: unknown): WebhookContent | null {
  const parsed = z.safeParse(dataCenterPush, payload);
  if (!parsed.success) return null;
  const { changes, repository } = parsed.data;
  const links = [...(repository.links?.clone ?? []), ...(repository.links?.self ?? [])];
  const branches = changes.flatMap(({ refId, fromHash, toHash }) => moved(refId, fromHash, toHash));
  return { is: "push", repository: links.map((link) => link.href), branches };
}
