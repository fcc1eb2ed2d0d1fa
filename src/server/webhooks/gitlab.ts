/** GitLab: https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events */
import * as z from "zod/mini";
import { type Dialect, moved, present, readPush, text } from "./forge.ts";
import { isSecret, isSignedStandard, isStandardSecret } from "./proof.ts";

const event = z.object({ object_kind: z.optional(z.string()), event_name: z.optional(z.string()) });

const push = z.object({
  ref: z.string(),
  before: text,
  after: text,
  project: z.nullish(z.object({ git_http_url: text, git_ssh_url: text, web_url: text })),
  repository: z.nullish(z.object({ git_http_url: text, git_ssh_url: text, homepage: text })),
});

export const gitlab: Dialect = {
  // A signing token is only for signatures: as a plain secret it would travel with every request.
  isProven: (request, secret) =>
    isStandardSecret(secret)
      ? isSignedStandard(request, secret)
      : isSecret(request.header("x-gitlab-token"), secret),
  keysOf: ({ header }) =>
    present(header("webhook-id") ?? header("idempotency-key") ?? header("x-gitlab-event-uuid")),
  read: (_, payload) => {
    const kind = z.safeParse(event, payload);
    if (!kind.success) return null;
    // System hooks have only the name of the event.
    const name = kind.data.object_kind ?? kind.data.event_name;
    if (name !== "push") return name === undefined ? null : { is: "other", event: name };
    return readPush(push, payload, ({ ref, before, after, project, repository }) => ({
      repository: present(
        project?.git_http_url,
        project?.git_ssh_url,
        project?.web_url,
        repository?.git_http_url,
        repository?.git_ssh_url,
        repository?.homepage,
      ),
      branches: moved(ref, before, after),
    }));
  },
};
