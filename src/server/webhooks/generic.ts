/** A generic form for scripts, CI jobs, and forges with custom payloads. */
import * as z from "zod/mini";
import { type Dialect, moved, present, readPush, text } from "./forge.ts";
import { isSignedHex, isSignedStandard, isStandardSecret } from "./proof.ts";

const push = z.object({ repository: text, ref: z.string(), before: text, after: text, id: text });

export const generic: Dialect = {
  isProven: (request, secret) =>
    isStandardSecret(secret)
      ? isSignedStandard(request, secret)
      : isSignedHex(request.header("x-hub-signature-256"), request.body, secret),
  keysOf: ({ header }, payload) => present(header("webhook-id"), z.safeParse(push, payload).data?.id),
  read: (_, payload) =>
    readPush(push, payload, ({ repository, ref, before, after }) => {
      // A plain branch name is accepted as ref too.
      const whole = ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
      return { repository: present(repository), branches: moved(whole, before, after) };
    }),
};
