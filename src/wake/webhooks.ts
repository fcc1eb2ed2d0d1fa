/** Joins webhooks and loops; loaded only where there are webhooks. */

import { SecretRing } from "../credentials/secret-files.ts";
import type { Event } from "../model/event.ts";
import { maskSecrets } from "../model/text/mask.ts";
import { type Push, unknownWebhook, type Webhook } from "../model/webhook.ts";
import type { Life } from "../platform/life.ts";
import { mark } from "../platform/trace/span.ts";
import type { HandleWebhook } from "../server/http/webhook-receiver.ts";
import { isSameRepository } from "../server/webhooks/repository.ts";
import { createWebhooks } from "../server/webhooks/webhooks.ts";
import { trackOf } from "../sync/create-services.ts";
import type { UpstreamLoop } from "../sync/upstream-loop.ts";

/** What webhooks report to, and their clock. */
interface WebhookTools extends Pick<Life, "clock" | "log"> {
  readonly observe: (event: Event) => void;
}

/** Creates the handler of webhooks for every HTTP listener. */
export function joinWebhooks(
  webhooks: readonly Webhook[],
  loops: readonly UpstreamLoop[],
  { log, clock, observe }: WebhookTools,
): HandleWebhook {
  const rings = new Map(
    webhooks.map(({ name, secrets }) => [
      name,
      new SecretRing(secrets, (line) => log.warn(`webhook ${name}: ${line}`)),
    ]),
  );
  // Warns about unusable secrets at the start, not when the first push comes.
  for (const ring of rings.values()) ring.current(clock.monotonicMs());
  for (const webhook of [...webhooks.map(({ name }) => name), unknownWebhook])
    observe({ type: "webhook-known", webhook });
  return createWebhooks({
    webhooks,
    secretsOf: ({ name }) => rings.get(name)?.current(clock.monotonicMs()) ?? [],
    wake: (webhook, push) => wake(webhook, push, loops),
    onResult: (webhook, result) => observe({ type: "webhook-received", webhook, result }),
    log: (line) => log.info(maskSecrets(line)),
    clock,
  });
}

/** Makes the loops poll whose services follow a pushed branch. */
export function wake(
  { upstreams }: Pick<Webhook, "upstreams">,
  { repository, branches }: Push,
  loops: readonly Pick<UpstreamLoop, "group" | "onPush">[],
): { readonly woke: boolean; readonly message: string } {
  const isMeant = (upstream: string): boolean =>
    upstreams === null
      ? repository.some((url) => isSameRepository(url, upstream))
      : upstreams.some((url) => url === upstream || isSameRepository(url, upstream));
  const meant = loops.filter(({ group }) => isMeant(group.upstream));
  for (const { group } of meant) mark({ name: "pushed", track: trackOf(group), about: { branches } });
  const woken = meant.flatMap((loop) => loop.onPush(branches)).sort();
  if (woken.length > 0) return { woke: true, message: `woke ${listOf(woken)}` };
  if (branches.length === 0) return { woke: false, message: "it moves no branch" };
  const names = listOf(branches.map(({ branch }) => JSON.stringify(branch)));
  const message =
    meant.length === 0 ? "nothing here comes from that repository" : `nothing here follows ${names} now`;
  return { woke: false, message };
}

const listedMax = 10;

function listOf(names: readonly string[]): string {
  const more = names.length - listedMax;
  return names.slice(0, listedMax).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
