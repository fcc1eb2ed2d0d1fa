/** Gitopper's own service, when it is bootstrapped: the config comes from a checkout that it manages itself. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { storePath } from "../git/store/store.ts";
import type { Account } from "../model/account.ts";
import { type AbsPath, parseAbsPath, parseRepoPath } from "../model/path.ts";
import { plainService, type Service } from "../model/service.ts";
import { infoOf } from "../model/state.ts";
import { untilAborted } from "../platform/abort.ts";
import type { Records } from "../reconcile/records.ts";
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
export function selfConfigPath(self: Service, config: string): string {
  return join(self.checkout, self.links[0]?.link ?? "", config);
}

interface SelfPorts {
  readonly records: Pick<Records, "register" | "status">;
  /** Brings the checkout, as far as its upstream can be reached. */
  readonly bring: (self: Service) => Promise<void>;
  readonly stateDir: AbsPath;
  readonly stopping: AbortSignal;
}

/**
 * Brings gitopper's own checkout when it is missing, or with `pull`. If upstream cannot be reached, the files on disk
 * are used. Returns at once when the daemon is to stop.
 * @throws Error when there is no config afterwards
 */
export async function bootstrapSelf(
  self: Service,
  config: string,
  pull: boolean,
  { records, bring, stateDir, stopping }: SelfPorts,
): Promise<void> {
  const { checkout, upstream, user } = self;
  records.register(self.name, { checkout, store: storePath(stateDir, upstream, user), user });
  if (existsSync(config) && !pull) return;
  // Does not wait for an upstream that hangs: nothing runs yet that half a checkout could hurt, and git ends with us.
  await Promise.race([bring(self), untilAborted(stopping)]);
  if (existsSync(config) || stopping.aborted) return;
  const missing = `${upstream} has no ${config.slice(checkout.length + 1)}`;
  throw new Error(`Cannot bootstrap: ${infoOf(records.status(self.name).state) || missing}`);
}
