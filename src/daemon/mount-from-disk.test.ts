import { expect, test } from "vitest";
import { FakeClock } from "../../test/builders/fake-clock.ts";
import { aRecord, FakeRecords } from "../../test/builders/fake-records.ts";
import { aService, old, target } from "../../test/builders/observed.ts";
import { bindsOf } from "../host/mounts/mounts.ts";
import type { AbsPath, RepoPath } from "../model/path.ts";
import { Problem } from "../model/problem.ts";
import type { Service } from "../model/service.ts";
import type { Log } from "../platform/log.ts";
import type { ManagedService } from "../reconcile/managed-service.ts";
import { mountFromDisk, unmountOrphans } from "./mount-from-disk.ts";

const log = { error: () => {}, warn: () => {}, info: () => {} } as unknown as Log;
const clock = new FakeClock("2026-11-24T12:00:00Z");

function aManaged(name: string, ...places: readonly string[]): ManagedService {
  const links = places.map((local) => ({ local: local as AbsPath, link: "etc" as RepoPath, file: false }));
  return {
    service: aService({ name, checkout: `/srv/${name}` as AbsPath, links }),
  } as unknown as ManagedService;
}

type Kept = Partial<ConstructorParameters<typeof FakeRecords>[0]>;

/** Nothing is mounted; `done` has what was done, in order. `failing`: these targets cannot be mounted. */
function aDisk(members: readonly ManagedService[], kept: Kept = {}, failing: readonly string[] = []) {
  const done: string[] = [];
  const all = members.map(({ service }) =>
    aRecord(service.name, { commit: old, phase: { at: "verified", head: old } }),
  );
  const records = new FakeRecords({ records: all, ...kept });
  const ports = {
    ...{ records, clock, log },
    disk: {
      placePointer: ({ name }: { readonly name: string }) => void done.push(`pointer ${name}`),
      readTable: () => new Map(),
      unmounted: (service: Service) => bindsOf(service),
    },
    mounts: {
      put: async (bind: { readonly target: string }) => {
        if (failing.includes(bind.target)) throw new Problem("host", `Cannot mount ${bind.target}`);
        done.push(`mount ${bind.target}`);
      },
    },
  };
  return { done, records, ports };
}

test("outer mounts come before inner ones, of whatever service, and pointers before all", async () => {
  const members = [aManaged("inner", "/etc/app/conf.d", "/opt/x"), aManaged("outer", "/etc/app")];
  const { done, ports } = aDisk(members);
  await mountFromDisk(members, ports);
  expect(done).toEqual([
    ...["pointer inner", "pointer outer"],
    ...["mount /opt/x", "mount /etc/app", "mount /etc/app/conf.d"],
  ]);
});

const running = { at: "published", to: old, head: old, result: "running" } as const;

test("the mounts of a service are begun as one deployment before the first of them", async () => {
  const members = [aManaged("app", "/a", "/b")];
  const { records, ports } = aDisk(members);
  let begunAtFirst = 0;
  const put = async () => {
    begunAtFirst ||= records.began.length;
  };
  await mountFromDisk(members, { ...ports, mounts: { put } });
  expect(begunAtFirst).toBe(1);
  expect(records.began).toEqual([
    {
      ...{ service: "app", from: old, to: old, trigger: "start", by: "", phase: running },
      ...{ mounts: ["/a", "/b"], startedAt: clock.now() },
    },
  ]);
});

test("a deployment that was interrupted is begun again, to its own commit", async () => {
  const phase = { at: "publishing", to: target, result: "running" } as const;
  const members = [aManaged("app", "/a")];
  const { records, ports } = aDisk(members, { records: [aRecord("app", { commit: old, phase })] });
  await mountFromDisk(members, ports);
  expect(records.began).toMatchObject([{ from: old, to: target, phase }]);
});

test("a service without a commit, and one whose mounts are there, are left alone", async () => {
  const members = [aManaged("new", "/new"), aManaged("there", "/there")];
  const records = [aRecord("new"), aRecord("there", { commit: old })];
  const { done, ports, records: kept } = aDisk(members, { records });
  await mountFromDisk(members, { ...ports, disk: { ...ports.disk, unmounted: () => [] } });
  expect(done).toEqual(["pointer new", "pointer there"]);
  expect(kept.began).toEqual([]);
});

test("one service that cannot be mounted is BROKEN, and the others get their files", async () => {
  const members = [aManaged("bad", "/bad"), aManaged("good", "/good/one")];
  const { done, records, ports } = aDisk(members, {}, ["/bad"]);
  await mountFromDisk(members, ports);
  expect(done).toContain("mount /good/one");
  expect(records.get("bad").state).toMatchObject({ name: "BROKEN", reason: "Cannot mount /bad" });
  expect(records.get("good").state.name).toBe("OK");
});

const full = Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });

test("with a full disk, mounts that the journal has from before are made, and the unit is reloaded later", async () => {
  const members = [aManaged("app", "/a")];
  const { done, records, ports } = aDisk(members, { beginFails: full, mounts: ["/a" as AbsPath] });
  await mountFromDisk(members, ports);
  expect(done).toEqual(["pointer app", "mount /a"]);
  expect(records.get("app")).toMatchObject({ phase: running, state: { name: "BROKEN", code: "disk-full" } });
});

test("with a full disk, a mount that the journal does not have is not made", async () => {
  const members = [aManaged("app", "/a", "/b")];
  const { done, records, ports } = aDisk(members, { beginFails: full, mounts: ["/a" as AbsPath] });
  await mountFromDisk(members, ports);
  expect(done).toEqual(["pointer app"]);
  expect(records.get("app").state).toMatchObject({ name: "BROKEN", code: "disk-full" });
});

test("only what the config no longer names is unmounted", async () => {
  const members = [aManaged("app", "/a")];
  const { records } = aDisk(members, { mounts: ["/a", "/gone"] as AbsPath[] });
  const unmounted: unknown[] = [];
  const unmount = async (...call: readonly unknown[]) => void unmounted.push(call);
  await unmountOrphans(members, { records, log, mounts: { unmount } });
  expect(unmounted).toEqual([[{ service: "app", checkout: "/srv/app" }, ["/gone"]]]);
});
