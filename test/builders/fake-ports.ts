/** The ports of a reconcile over a host in memory, as one daemon has them. */
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { HostFault, Problem, Refusal } from "../../src/model/problem.ts";
import type { Service } from "../../src/model/service.ts";
import type {
  Checkouts,
  Checks,
  FilesSeen,
  Mounts,
  Packages,
  Probes,
  Units,
} from "../../src/reconcile/ports.ts";
import type { Records } from "../../src/reconcile/records.ts";
import { headOf } from "../../src/rollout/phase.ts";
import { judgeUnit, nextCrashHistory } from "../../src/rollout/unit/unit.ts";
import type { FakeHost } from "./fake-host.ts";
import type { FakeUpstream } from "./fake-upstream.ts";

interface Parts {
  readonly host: FakeHost;
  readonly upstream: FakeUpstream;
  readonly records: Records;
}

/** What one daemon knows of the stage, which the next one does not. */
interface Staged {
  readonly commit: Commit;
  /** Those that differ from what the checkout has. */
  readonly links: Service["links"];
}

export function fakeCheckouts({ host, upstream, records }: Parts): Checkouts {
  let isFresh = false;
  let staged: Staged | null = null;
  let pendingHead: Commit | null = null;
  const present = () => {
    if (host.checkout === null) throw new Error("there is no checkout");
    return host.checkout;
  };
  const write = async (what: string, links: Service["links"], commit: Commit) => {
    for (const link of links)
      await host.effect(`${what} ${link.link}`, () =>
        host.write(link, upstream.textsOf(commit)[link.link] ?? ""),
      );
  };
  const save = (service: Service, kept: readonly (Commit | null)[]) => {
    const texts = kept.flatMap((commit) => (commit === null ? [] : [upstream.textsOf(commit)]));
    const edits = service.links.filter(({ link }) => {
      const text = host.textAt(link);
      return text !== "" && !texts.some((known) => known[link] === text);
    });
    host.patches.push(...edits.map(({ link }) => host.textAt(link)));
  };
  return {
    observe: async ({ service }) => seenOf(host, upstream, service),
    editedAt: (_, { checkout }) =>
      checkout.is === "present" && checkout.edits.length > 0 ? host.editedAt : null,
    forget: () => {
      isFresh = false;
    },
    mend: async () => true,
    setAside: () => {
      host.power.spend("set-aside");
      host.checkout = null;
    },
    add: async (_, commit) => {
      await host.effect("add-checkout", () => {
        host.checkout = { head: commit, narrowed: true, files: new Map(), added: new Map() };
      });
      isFresh = true;
    },
    narrow: () =>
      host.effect("narrow", () => {
        present().narrowed = true;
      }),
    saveEdits: ({ service }, { base, to, interruptedAt }) =>
      host.effect("save-edits", () => {
        const { phase, commit } = records.get(service.name);
        save(service, [base, to, ...(headOf(phase) === null ? [interruptedAt, commit] : [])]);
      }),
    clearDrift: ({ service }, { base, to }) =>
      host.effect("clear-drift", () => {
        save(service, [base, to]);
        host.patches.push(...present().added.values());
        present().added.clear();
      }),
    stage: async ({ service }, { commit, whole, base }) => {
      const [to, from] = [upstream.textsOf(commit), base === null ? {} : upstream.textsOf(base)];
      if (Object.values(to).some((text) => text.includes("odd"))) throw new Refusal("it has a submodule");
      const links = service.links.filter(({ link }) => whole || from[link] !== to[link]);
      if (isFresh) await write("stage", links, commit);
      else await host.effect("stage", () => {});
      staged = { commit, links };
    },
    staged: () => "/stage" as AbsPath,
    publish: async (_, commit) => {
      if (staged?.commit !== commit) throw new Error(`commit ${commit} is not staged`);
      if (isFresh) isFresh = false;
      else {
        await write("publish", staged.links, commit);
        pendingHead = commit;
      }
    },
    finish: async () => {
      const head = pendingHead;
      staged = null;
      pendingHead = null;
      if (head !== null)
        await host.effect("head", () => {
          present().head = head;
        });
    },
  };
}

function seenOf({ checkout, isForeign }: FakeHost, upstream: FakeUpstream, { links }: Service): FilesSeen {
  if (isForeign) return { checkout: { is: "foreign" }, attributes: [] };
  if (checkout === null) return { checkout: { is: "absent" }, attributes: [] };
  const { head, files, added } = checkout;
  const texts = upstream.textsOf(head);
  const changed = links.filter(({ link }) => files.get(link)?.text !== texts[link]);
  const edits = [
    ...changed.map(({ link }) => ({ path: link, untracked: false })),
    ...[...added.keys()].map((path) => ({ path, untracked: true })),
  ];
  return { checkout: { is: "present", head, edits, ignored: false }, attributes: [] };
}

export function fakeMounts({ host, records }: Pick<Parts, "host" | "records">): Mounts {
  return {
    observe: ({ name }, { local, link }) => {
      if (local === null) return { bind: null, hides: "" };
      const hides = records.mounts(name).includes(local) ? "" : (host.hides.get(local) ?? "");
      const shown = host.mounts.get(local);
      if (shown === undefined) return { bind: "absent", hides };
      return { bind: shown === host.checkout?.files.get(link) ? "mounted" : "elsewhere", hides };
    },
    missing: (local) => (host.missing.has(local) ? { target: local, top: local } : null),
    removeMade: ({ target }) =>
      host.effect(`remove ${target}`, () => {
        host.missing.add(target);
      }),
    put: ({ target, source, checkout }) =>
      host.effect(`mount ${target}`, () => {
        host.missing.delete(target);
        host.mount(target, source.slice(checkout.length + 1));
      }),
    suspend: async (_, targets) => {
      for (const target of targets) await host.effect(`unmount ${target}`, () => host.unmount(target));
    },
    unmount: async (_, targets) => {
      for (const target of targets) {
        await host.effect(`unmount ${target}`, () => host.unmount(target));
        records.unmounted(target);
      }
    },
  };
}

/** Verbs that have a unit read its files. */
const reading = ["start", "reload", "restart"];

export function fakeUnits({ host, records }: Pick<Parts, "host" | "records">): Units {
  const become = (active: string) => {
    host.unit = { ...host.unit, active, sub: active === "active" ? "running" : "dead" };
  };
  const carryOut = (verb: string) => {
    if (host.unit.load === "not-found")
      throw new HostFault("the unit does not exist", { code: "unit-missing" });
    if (verb === "enable") host.unit = { ...host.unit, file: "enabled" };
    if (verb === "disable") host.unit = { ...host.unit, file: "disabled" };
    if (verb === "stop") become("inactive");
    if (!reading.includes(verb)) return;
    host.readFiles();
    if (host.says("breaks")) {
      if (verb !== "reload") become("failed");
      throw new Problem("host", `Cannot ${verb} the unit: it breaks`, { code: "unit-failed" });
    }
    become("active");
  };
  return {
    judge: async (service, { deployed, editedAt }) => {
      if (service.action === null) return { drift: "" };
      const { unit } = host;
      if (unit.file === "enabled" || deployed) records.enabled(service.name, unit.file === "enabled");
      const crashes = nextCrashHistory(null, unit, 0);
      const wasEnabled = records.get(service.name).enabled;
      const { problem, ...drift } = judgeUnit(service, unit, { crashes, wasEnabled, editedAt });
      if (problem !== null) throw new Problem("host", problem.reason, { code: problem.code });
      return drift;
    },
    lastSeen: ({ action }) => (action === null ? null : host.unit),
    hostStops: async () => false,
    observe: async () => host.unit,
    run: (_, verb) => host.effect(`systemctl ${verb}`, () => carryOut(verb)),
    reloadFiles: () => host.effect("daemon-reload", () => {}),
  };
}

/** A commit with a text that says `refused` is. */
export function fakeChecks({ host, upstream }: Pick<Parts, "host" | "upstream">): Checks {
  return (_, { commit }, over) =>
    host.effect("check", () => {
      over.throwIfAborted();
      const isBad = Object.values(upstream.textsOf(commit)).some((text) => text.includes("refused"));
      if (isBad) throw new Refusal("the check ended with status 1");
    });
}

export function fakeProbes({ host }: Pick<Parts, "host">): Probes {
  return (_, { mustRun, onProgress }, over) =>
    host.effect("verify", () => {
      over.throwIfAborted();
      onProgress("probed");
      if (mustRun && host.unit.active !== "active") throw new Problem("host", "the unit does not run");
      if (host.says("unwell")) throw new Problem("host", "the service is unwell");
    });
}

export function fakePackages({ host }: Pick<Parts, "host">): Packages {
  return {
    isMissing: async ({ package: name }) => name !== null && !host.isInstalled,
    install: (name) =>
      host.effect(`install ${name}`, () => {
        host.isInstalled = true;
      }),
    forget: () => {},
  };
}
