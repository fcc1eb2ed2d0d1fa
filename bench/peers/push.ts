/** The webhook of a push, as GitHub sends it. */
import { webhookOf } from "../../test/builders/webhooks.ts";
import type { ServedUpstream } from "../../test/host/http-upstream.ts";

export const secret = "a secret of forty-odd characters for benches";

/** @throws Error when it is not taken */
export async function postPush(to: string, upstream: ServedUpstream, commit: string): Promise<void> {
  const { host } = new URL(upstream.url);
  const webhook = webhookOf("github", { host, path: "repo", secret, after: commit });
  const response = await fetch(to, { method: "POST", ...webhook, signal: AbortSignal.timeout(20_000) });
  if (!response.ok)
    throw new Error(`The webhook was answered with ${response.status}: ${await response.text()}`);
}
