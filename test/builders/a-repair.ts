/** The repair of a store over ports in memory, which note what is done. */
import { Problem } from "../../src/model/problem.ts";
import { type RepairPorts, StoreRepair } from "../../src/sync/store/store-repair.ts";
import { aHistory, aLog, aManaged, commitOf, named } from "./a-group.ts";
import { FakeClock } from "./fake-clock.ts";

/** Of `app` and `web`; steps named in `fails` reject. */
export function aRepair({
  fails = [] as readonly string[],
  isComplete = true,
  isDeployed = false,
  tips = "tips" as unknown,
} = {}) {
  const did: string[] = [];
  const failing = new Set(fails);
  const note = async (what: string) => {
    did.push(what);
    if (failing.has(what)) throw new Problem("git", `no ${what}`);
  };
  let rebuild: () => Promise<void> = async () => {};
  const ports: RepairPorts = {
    files: {
      isComplete: () => isComplete,
      removeOldLocks: (_, { olderThanMs }) => note(`remove locks older than ${olderThanMs}`),
      removeBroken: () => note("remove the old store"),
      rebuild: async (_, { branches, commits, alone }) => {
        await note(`rebuild ${branches.join()} with ${commits.map((id) => id[0]).join("")}`);
        await alone(() => note("swap"));
      },
    },
    checkouts: {
      observe: async ({ service }) => {
        await note(`observe ${service.name}`);
        return { checkout: { is: "absent" }, attributes: [] };
      },
      mend: async ({ service }) => note(`mend ${service.name}`).then(() => true),
      forget: (service) => void did.push(`forget ${service}`),
    },
    kept: {
      neededBy: (service) => [commitOf(service === "app" ? "a" : "b")],
      isDeployedFrom: () => isDeployed,
      keep: (_, services) => note(`keep ${services.join()}`),
      forget: () => void did.push("forget kept"),
      isGone: () => false,
    },
    maintenance: {
      begin: (at, work) => {
        did.push("maintain");
        rebuild = () => work(at);
      },
      stop: () => note("stop maintenance"),
    },
  };
  const { log, lines } = aLog();
  const [clock, stop] = [new FakeClock("2026-03-05T12:00:00Z"), new AbortController()];
  const repair = new StoreRepair(ports, { clock, log, stopping: stop.signal });
  const { history, restarts } = aHistory();
  const services = [named("app"), named("web", { branch: "canary" })];
  repair.members = services.map((service) => aManaged(service, history));
  const poll = (each: () => unknown = () => tips) =>
    repair.withRepair(async (repaired) => {
      did.push(repaired ? "poll repaired" : "poll");
      return each();
    });
  /** What was done since the last call. */
  const done = () => did.splice(0);
  return { repair, poll, done, failing, clock, stop, lines, restarts, maintain: () => rebuild() };
}
