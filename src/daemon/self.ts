/** Gitopper's own service, when it is bootstrapped: the config comes from a checkout that it manages itself. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { storePath } from "../git/store/store.ts";
import type { Account } from "../model/account.ts";
import { type AbsPath, parseAbsPath, parseRepoPath } from "../model/path.ts";
import { plainService, type Service } from "../model/service.ts";
import { infoOf } from "../model/state.ts";
import { untilAborted } from "../platform/abort.ts";
import type { Context } from "../reconcile/context.ts";
import { throughTheGates } from "../reconcile/reconcile-request.ts";
import { createServices } from "../sync/create-services.ts";
import { prepareGit, unlockStores } from "./boot.ts";
import { createLoop } from "./create-loop.ts";
import type { Bootstrap } from "./options.ts";

const selfName = "gitopper";

/** Null when the directory leaves the repository. */
export function selfService(bootstrap: Bootstrap, machine: string, user: Account): Service | null {
  const link = parseRepoPath(bootstrap.directory);
  const checkout = parseAbsPath(join(bootstrap.mount, selfName));
  if (link === null || checkout === null) return null;
  return {
    ...plainService,
    name: selfName,
    machine,
    upstream: bootstrap.upstream,
    branch: bootstrap.branch,
    checkout,
    user: user.name,
    links: [{ local: null, link, file: false }],
  };
}

/** Where the config lies in gitopper's own checkout. */
export function selfConfigPath(self: Service, config: string): AbsPath {
  return join(self.checkout, self.links[0]?.link ?? "", config) as AbsPath;
}

/**
 * Brings gitopper's own checkout: when it is missing, or when a pull is asked for. What is on disk is good enough
 * when upstream cannot be reached. Comes back at once when the daemon is to stop.
 * @throws Error when there is no config afterwards
 */
export async function bootstrapSelf(
  self: Service,
  config: AbsPath,
  asked: { account: Account; pull: boolean },
  context: Context,
): Promise<void> {
  const { checkout: place, upstream, user } = self;
  context.records.register(self.name, {
    checkout: place,
    store: storePath(context.stateDir, upstream, user),
    user,
  });
  if (existsSync(config) && !asked.pull) return;
  const group = { upstream, user, services: [self] };
  const members = createServices(group, asked.account, context);
  prepareGit(context.stateDir, [upstream]);
  await unlockStores(members, context);
  const loop = createLoop(group, members, Number.MAX_SAFE_INTEGER, context);
  const brought = loop
    .poll(new Map([[self.name, { trigger: "start", ...throughTheGates }]]))
    .then(() => loop.idle());
  // An upstream that hangs is not waited for: nothing runs yet that half a checkout could hurt, and git ends with us.
  await Promise.race([brought, untilAborted(context.stopping)]);
  if (existsSync(config) || context.stopping.aborted) return;
  const info = infoOf(context.records.status(self.name).state);
  throw new Error(
    info
      ? `Cannot bootstrap: ${info}`
      : `Cannot bootstrap: ${self.upstream} has no ${config.slice(self.checkout.length + 1)}`,
  );
}
