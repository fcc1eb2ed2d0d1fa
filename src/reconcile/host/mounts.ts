/** The mounts of this host's services. */
import { existsSync } from "node:fs";
import type { Made } from "../../history/host-before.ts";
import { missingTop, mountBind, removeMade, unmount, unmountOurs } from "../../host/mounts/apply-mounts.ts";
import { hiddenBy } from "../../host/mounts/hidden.ts";
import type { Mounter } from "../../host/mounts/mount-programs.ts";
import {
  type Bind,
  bindsOf,
  isDoubled,
  type MountTable,
  type Ours,
  observeBind,
  oursAt,
} from "../../host/mounts/mounts.ts";
import type { Account } from "../../model/account.ts";
import type { AbsPath } from "../../model/path.ts";
import type { Link, Service } from "../../model/service.ts";
import { createLimit } from "../../platform/fair-semaphore.ts";
import { futureRealOf } from "../../platform/files/trust.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { ManagedService } from "../managed-service.ts";
import type { Mounts, MountsOf } from "../ports.ts";
import type { Records } from "../records.ts";

const doublesMax = 16;

interface Parts {
  readonly exec: Exec;
  readonly mounter: Mounter;
  readonly records: Pick<Records, "mounts" | "sources" | "unmounted">;
  /** The mount table, read again only after a change of the mounts. */
  readonly table: () => MountTable;
  /** Hears of every new mount, which covers those inside it. */
  readonly onMounted: (target: AbsPath) => void;
}

export class MountsOnHost implements Mounts {
  readonly #parts: Parts;
  /** Mounts one after another. */
  readonly #limit = createLimit(1);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  observe(service: Service, link: Link): ReturnType<Mounts["observe"]> {
    const [bind] = bindsOf(service, [link]);
    if (bind === undefined) return { bind: null, hides: "" };
    const { records, table } = this.#parts;
    const seen = observeBind(bind, table());
    // What is below gitopper's own mount was recorded when it was made.
    const isKnown = seen === "mounted" || records.mounts(service.name).includes(futureRealOf(bind.target));
    return { bind: seen, hides: isKnown ? "" : hiddenBy(bind, table()) };
  }

  missing(local: AbsPath): Made | null {
    const target = futureRealOf(local);
    const top = missingTop(target);
    return top === null ? null : { target, top };
  }

  removeMade(made: Made, account: Account): Promise<void> {
    return removeMade(made, account, this.#parts.exec);
  }

  put(bind: Bind, { service, account }: Pick<ManagedService, "service" | "account">): Promise<void> {
    // Mounted by programs, a bind shows what is mounted inside it in the checkout too, until the last one has run.
    return this.#limit(async () => {
      // Nothing is mounted where nothing is; reading the table takes the longer the more is mounted.
      const seen = existsSync(bind.target) ? await this.#clear(bind, service.name) : nothingThere;
      if (seen.right) return;
      await mountBind({ ...bind, replaces: seen.ours === "on top" }, account, this.#parts);
      this.#parts.onMounted(bind.target);
    });
  }

  /** Unmounts what is in the way of a mount, such as what covers an older one of ours. Answers what is there then. */
  async #clear(bind: Bind, service: string): Promise<SeenAt> {
    const { mounter, records, table } = this.#parts;
    const ours = { checkout: bind.checkout, sources: records.sources(service) };
    for (let tries = 0; tries < doublesMax && isDoubled(ours, bind.target, table()); tries++)
      await unmount(bind.target, mounter);
    const seen = observeAt(bind, ours, table());
    if (seen.right || seen.ours !== "covered") return seen;
    await unmount(bind.target, mounter);
    // What was unmounted may only have covered the right one.
    return observeAt(bind, ours, table());
  }

  suspend(place: MountsOf, targets: readonly AbsPath[]): Promise<void> {
    return this.unmount(place, targets, () => {});
  }

  async unmount(
    { service, checkout }: MountsOf,
    targets: readonly AbsPath[],
    onUnmounted = (target: AbsPath) => this.#parts.records.unmounted(target),
  ): Promise<void> {
    const { mounter, records, table } = this.#parts;
    const ours = { checkout, sources: records.sources(service) };
    // The deepest first, so that a mount inside another does not keep it busy.
    for (const target of targets.toSorted((a, b) => b.length - a.length)) {
      await this.#limit(() => unmountOurs(ours, target, mounter, table));
      onUnmounted(target);
    }
  }
}

interface SeenAt {
  /** The bind is mounted, and on top. */
  readonly right: boolean;
  readonly ours: ReturnType<typeof oursAt>;
}

const nothingThere: SeenAt = { right: false, ours: "none" };

function observeAt(bind: Bind, of: Ours, table: MountTable): SeenAt {
  return { right: observeBind(bind, table) === "mounted", ours: oursAt(of, bind.target, table) };
}
