/**
 * Bitbucket Cloud: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/#Push, and Data Center:
 * https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html
 */
import * as z from "zod/mini";
import type { Push } from "../../model/webhook.ts";
import { type Dialect, idAndBody, moved, present, readPush } from "./forge.ts";
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
        return readPush(cloudPush, payload, ofCloud);
      case "repo:refs_changed":
        return readPush(dataCenterPush, payload, ofDataCenter);
      default:
        return { is: "other", event };
    }
  },
};

/** A branch has been made where `old` is missing, and is gone where `new` is. */
function ofCloud({ push, repository }: z.output<typeof cloudPush>): Push {
  const branches = push.changes.flatMap((change) => {
    const ref = change.new ?? change.old;
    if (ref?.type !== "branch") return [];
    return moved(`refs/heads/${ref.name}`, change.old?.target?.hash, change.new?.target?.hash);
  });
  return { repository: present(repository.links?.html?.href), branches };
}

function ofDataCenter({ changes, repository }: z.output<typeof dataCenterPush>): Push {
  const links = [...(repository.links?.clone ?? []), ...(repository.links?.self ?? [])];
  const branches = changes.flatMap(({ refId, fromHash, toHash }) => moved(refId, fromHash, toHash));
  return { repository: links.map((link) => link.href), branches };
}
