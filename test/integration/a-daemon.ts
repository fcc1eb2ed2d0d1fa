/** The daemon's loops in this process, over a real upstream and store, with a clock that the test sets. */
import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createTargets } from "../../src/control/targets.ts";
import { type Built, build } from "../../src/daemon/build.ts";
import { createLoop } from "../../src/daemon/create-loop.ts";
import { openLasting, type Wired, wire } from "../../src/daemon/wire.ts";
import { createGit } from "../../src/git/git.ts";
import type { Damage } from "../../src/git/store/damage.ts";
import type { GitPlace } from "../../src/git/types.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { plainService, type Service, storeMaxBytesDefault } from "../../src/model/service.ts";
import type { ServiceState } from "../../src/model/state.ts";
import type { Window } from "../../src/model/window.ts";
import { gitConfigPath } from "../../src/platform/files/state-paths.ts";
import { createLog } from "../../src/platform/log.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { createWindowGate } from "../../src/rollout/gates/window.ts";
import { createServices } from "../../src/sync/create-services.ts";
import type { FakeClock } from "../builders/fake-clock.ts";
import { poll } from "../host/poll.ts";
import { aStore, scratch } from "./a-store.ts";

const { username, uid, gid, homedir } = userInfo();

/** Longer than any time of a test. */
const neverMs = 2 ** 31 - 1;

/** What stays when the daemon is stopped and started. */
export interface DaemonSetup {
  /** The daemon's answers are about the first one. */
  readonly services: readonly [Service, ...Service[]];
  readonly setup: ReturnType<typeof aStore>;
  readonly clock: FakeClock;
}

/** Service `app`, and `others`, of an upstream: `link` is checked out and not mounted; no unit is changed. */
export function aDaemonSetup(
  upstream: string,
  clock: FakeClock,
  others: readonly string[] = [],
  link = "app",
): DaemonSetup {
  const mount = mkdtempSync(join(scratch, "mount-"));
  const aService = (name: string): Service => ({
    ...plainService,
    name,
    machine: "alpha",
    upstream,
    branch: "main",
    checkout: join(mount, name) as AbsPath,
    user: username,
    links: [{ local: null, link: link as RepoPath, file: false }],
  });
  const services = [aService("app"), ...others.map(aService)] as const;
  return { services, setup: aStore(upstream), clock };
}

/** Runs loop and timers until it is disposed; polls upstream when a test requests it, unless `everyMs` is set. */
export function runDaemonAt(
  { services, setup, clock }: DaemonSetup,
  windows: readonly Window[] = [],
  overrides: Partial<Wired & Pick<Built, "storeMaxBytes">> = {},
  everyMs = neverMs,
) {
  const stop = new AbortController();
  const lines: string[] = [];
  const log = createLog({ debug: false }, (line) => lines.push(line));
  const wired = wire(openLasting(setup.stateDir, log), stop.signal);
  let gitRuns = 0;
  const gits = new EventEmitter<{ run: [] }>();
  const damages = new EventEmitter<{ damage: [GitPlace, Damage] }>();
  const git = createGit({
    exec,
    globalConfig: gitConfigPath(setup.stateDir),
    onRun: () => {
      gitRuns += 1;
      gits.emit("run");
    },
    onDamage: (place, damage) => damages.emit("damage", place, damage),
  });
  const gates =
    windows.length > 0
      ? [
          createWindowGate(
            windows,
            services.map(({ name }) => name),
          ),
        ]
      : [];
  const storeTools = { ...wired.storeTools, git: overrides.git ?? git };
  const onDamage: Built["onDamage"] = (listener) => void damages.on("damage", listener);
  const steady = { clock, jitter: () => 0 };
  const { storeMaxBytes = storeMaxBytesDefault, ...others } = overrides;
  const watched = { ...wired, ...steady, git, onDamage, storeTools, ...others };
  const context = build(watched, { services, gates, storeMaxBytes });
  const [service] = services;
  for (const { name, checkout } of services)
    context.records.register(name, { checkout, store: setup.store.path, user: username });
  const group = { upstream: service.upstream, user: username, services };
  const account = { name: username, uid, gid, home: homedir };
  const loop = createLoop(group, createServices(group, account, context), everyMs, context);
  const runs = [wired.timers.run([loop], context), loop.run()];
  const state = (name = service.name): ServiceState => context.records.get(name).state;
  return {
    context,
    targets: createTargets(context),
    loop,
    lines,
    state,
    commit: () => context.records.get(service.name).commit,
    file: (path: string) => readFileSync(join(service.checkout, path), "utf8"),
    /** Does this when the next git begins. */
    atNextGit: (work: () => void) => void gits.once("run", work),
    /** How many gits ran during the work, and the turns that it set off. */
    gitRunsOf: async (work: () => unknown) => {
      const before = gitRuns;
      await work();
      await loop.idle();
      return gitRuns - before;
    },
    until: (isWanted: () => boolean) =>
      poll(isWanted, Boolean, {
        everyMs: 10,
        timeoutMs: 20_000,
        failure: () => `not ${isWanted}; it is ${JSON.stringify(state())}\n${lines.join("")}`,
      }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(runs);
      wired.stateFile.close();
    },
  };
}
