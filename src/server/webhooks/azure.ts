/** Azure DevOps: https://learn.microsoft.com/en-us/azure/devops/service-hooks/events#git.push */
import * as z from "zod/mini";
import { type Dialect, moved, present, readPush, text } from "./forge.ts";
import { isSecret, passwordOf } from "./proof.ts";

const event = z.object({ eventType: z.string(), id: z.nullish(z.string()) });

const push = z.object({
  resource: z.object({
    refUpdates: z.array(z.object({ name: z.string(), oldObjectId: text, newObjectId: text })),
    repository: z.object({ remoteUrl: text, sshUrl: text, webUrl: text }),
  }),
});

export const azure: Dialect = {
  isProven: ({ header }, secret) => isSecret(passwordOf(header("authorization")), secret),
  keysOf: (_, payload) => present(z.safeParse(event, payload).data?.id),
  read: (_, payload) => {
    const kind = z.safeParse(event, payload);
    if (!kind.success) return null;
    if (kind.data.eventType !== "git.push") return { is: "other", event: kind.data.eventType };
    return readPush(push, payload, ({ resource: { refUpdates, repository } }) => ({
      repository: present(repository.remoteUrl, repository.sshUrl, repository.webUrl),
      branches: refUpdates.flatMap((ref) => moved(ref.name, ref.oldObjectId, ref.newObjectId)),
    }));
  },
};
