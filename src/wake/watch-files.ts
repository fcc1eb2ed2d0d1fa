/** Requests a reconcile within seconds after a service's files changed, and less often while they change all the time. */
import { dirname } from "node:path";
import type { Service } from "../model/service.ts";
import { type Shortfall, TreeWatch, type Watched } from "../platform/files/watch-tree.ts";
import type { Life } from "../platform/life.ts";
import { calmPace, type Pace, reconcileAfterChange } from "../rollout/schedule.ts";

/** A watch takes 3 KiB of ours and 1 of the kernel; 300 of them do not show beside the daemon. */
const directoriesMax = { ofService: 1_000, inAll: 4_000 };

interface Ports extends Life {
  readonly max?: typeof directoriesMax;
  readonly watch?: ConstructorParameters<typeof TreeWatch>[0]["watch"];
}

interface Beat {
  readonly tree: TreeWatch;
  readonly watched: readonly Watched[];
  pace: Pace;
  /** A reconcile will be requested. */
  waits: boolean;
}

export class FileWatch {
  readonly #ports: Ports;
  readonly #allowance: { left: number };
  readonly #beats = new Map<string, Beat>();
  readonly #warned = new Set<string>();
  /** Requests a reconcile; earlier changes are ignored, because the first reconcile is still to come. */
  onChange: (service: string) => void = () => {};

  constructor(tools: Ports) {
    this.#ports = tools;
    this.#allowance = { left: (tools.max ?? directoriesMax).inAll };
    tools.stopping.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Call it before observing the files: later changes are reported. */
  async cover(service: Service): Promise<void> {
    if (this.#ports.stopping.aborted) return;
    const { tree, watched } = this.#beatOf(service);
    const shortfall = await tree.cover(service.checkout, watched);
    if (shortfall !== null) this.#warnOnce(service.name, shortfall);
  }

  /** How many directories are watched. */
  get size(): number {
    return [...this.#beats.values()].reduce((sum, { tree }) => sum + tree.size, 0);
  }

  #close(): void {
    for (const { tree } of this.#beats.values()) tree.close();
  }

  #beatOf(service: Service): Beat {
    const known = this.#beats.get(service.name);
    if (known !== undefined) return known;
    const { max = directoriesMax, watch } = this.#ports;
    const tree = new TreeWatch({
      onChange: () => void this.#changed(service.name),
      max: max.ofService,
      allowance: this.#allowance,
      ...(watch && { watch }),
    });
    const beat = { tree, watched: watchedOf(service), pace: calmPace, waits: false };
    this.#beats.set(service.name, beat);
    return beat;
  }

  async #changed(service: string): Promise<void> {
    const beat = this.#beats.get(service);
    const { clock, stopping } = this.#ports;
    if (beat === undefined || beat.waits) return;
    const { inMs, pace } = reconcileAfterChange(beat.pace, clock.monotonicMs());
    beat.pace = pace;
    beat.waits = true;
    await clock.sleep(inMs, stopping);
    beat.waits = false;
    if (!stopping.aborted) this.onChange(service);
  }

  /** Warns once for each kind of shortfall; once for all services about a limit of the kernel. */
  #warnOnce(service: string, shortfall: Exclude<Shortfall, null>): void {
    const key = shortfall.why === "refused" ? shortfall.code : service;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.#ports.log.warn({ service }, adviceOn(shortfall, this.#ports.max ?? directoriesMax));
  }
}

/** The kernel's limits, by their error codes; see inotify(7). */
const sysctls: Readonly<Record<string, string>> = {
  ENOSPC: "raise fs.inotify.max_user_watches with sysctl",
  EMFILE: "raise fs.inotify.max_user_instances with sysctl",
};

function adviceOn(shortfall: Exclude<Shortfall, null>, max: typeof directoriesMax): string {
  const instead = "changes of files that are not watched are seen at the look in each interval";
  if (shortfall.why === "refused") {
    const advice = sysctls[shortfall.code];
    return `the kernel refuses to watch files (${shortfall.code})${advice ? `: ${advice}` : ""}; ${instead}`;
  }
  return `too many directories to watch (${max.ofService} of a service, ${max.inAll} in all): ${instead}`;
}

/** The links with all that is in them, and the directories that they are in. */
function watchedOf({ links }: Service): readonly Watched[] {
  const deep = links.filter(({ file }) => !file).map(({ link }) => ({ path: link as string, deep: true }));
  const parents = new Set(["."]);
  for (const { link } of links)
    for (let path = dirname(link); path !== "." && path !== "/"; path = dirname(path)) parents.add(path);
  return [...[...parents].map((path) => ({ path, deep: false })), ...deep];
}
