/** Everything that the demo plays with: an upstream, a clone of it, a host with nginx, and gitopper on that host. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { Commit } from "../src/model/commit.ts";
import { removeLeftoverCgroups } from "../test/host/cgroup.ts";
import { type Gitopper, installGitopper } from "../test/host/gitopper.ts";
import { bootHost, type TestHost } from "../test/host/host.ts";
import { freePort } from "../test/host/port.ts";
import { removeLeftovers } from "../test/host/temp-dir.ts";
import { makeUpstream } from "../test/host/upstream.ts";
import { gitopperConfig, otherFiles, siteFiles } from "./site.ts";
import { makeWorkstation, type Workstation } from "./workstation.ts";

/** A commit that nginx took, and the number on its page. */
export interface Release {
  readonly number: number;
  readonly commit: Commit;
}

export interface World {
  readonly host: TestHost;
  readonly gitopper: Gitopper;
  readonly workstation: Workstation;
  /** The text of /etc/gitopper/config.toml. */
  readonly config: string;
  readonly webPort: number;
  /** The last number given to a release. */
  lastNumber: number;
  /** Oldest first. */
  readonly releases: Release[];
  /** Commits for other services. */
  elsewhere: number;
}

const daemonPort = 8000;

/** Makes it all, and starts neither gitopper nor nginx; `stack` takes it away again, even half made. */
export async function makeWorld(stack: AsyncDisposableStack): Promise<World> {
  removeLeftovers();
  removeLeftoverCgroups();
  const webPort = await freePort();
  const [host, upstream] = await Promise.all([
    keep(
      stack,
      () => bootHost({ name: "web1", prepare: nameTheHost }),
      (made) => made.stop(),
    ),
    keep(
      stack,
      () => makeUpstream({ files: { ...siteFiles(webPort, 1), ...otherFiles(0) }, message: "release 1" }),
      (made) => made.dispose(),
    ),
  ]);
  const workstation = await keep(
    stack,
    () => makeWorkstation(upstream),
    (made) => made.dispose(),
  );
  const config = gitopperConfig((await upstream.serve()).url, webPort);
  const port = await freePort(daemonPort);
  const releases = [{ number: 1, commit: await workstation.head() }];
  const gitopper = await installGitopper(host, { config, port });
  return { host, gitopper, workstation, config, webPort, lastNumber: 1, releases, elsewhere: 0 };
}

/** Makes something that `stack` ends. A stack that is disposed of meanwhile waits for it: half made, it cannot end. */
function keep<T>(
  stack: AsyncDisposableStack,
  make: () => Promise<T>,
  end: (made: T) => Promise<void> | void,
): Promise<T> {
  if (stack.disposed) throw new Error("The demo is stopped");
  const making = make();
  stack.defer(() => making.then(end, () => {}));
  return making;
}

function nameTheHost(disk: string): void {
  mkdirSync(`${disk}/etc`, { recursive: true });
  writeFileSync(`${disk}/etc/hosts`, "127.0.0.1 localhost web1\n");
}
