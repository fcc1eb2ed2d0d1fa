import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { ServiceRecord } from "../../src/history/kept.ts";
import { mountBind, unmount } from "../../src/host/mounts/apply-mounts.ts";
import { createMounter } from "../../src/host/mounts/mounter.ts";
import { bindsOf } from "../../src/host/mounts/mounts.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { HostFault, Problem, Refusal } from "../../src/model/problem.ts";
import { type Check, type Link, plainService, type Service } from "../../src/model/service.ts";
import { FairSemaphore } from "../../src/platform/fair-semaphore.ts";
import { type Exec, exec } from "../../src/platform/process/exec.ts";
import { createChecks } from "../../src/reconcile/host/checks.ts";
import type { ManagedService } from "../../src/reconcile/managed-service.ts";
import { accountOf, root } from "./a-check.ts";
import { anUpstream, aStore, asked, scratch } from "./a-store.ts";

chmodSync(scratch, 0o755);

const aLink = (link: string, local: string, file = false): Link => ({
  link: link as RepoPath,
  local: local as AbsPath,
  file,
});

const aCheck = (script: string, changes: Partial<Check> = {}): Check => ({
  ...{ commands: [["sh", "-c", script]], user: null, timeoutMs: 20_000, network: false },
  ...changes,
});

type Files = Record<string, string | null>;

/** A service whose applied commit is the upstream's first; `check` stages another one and has it checked. */
async function aMember(
  name: string,
  first: Record<string, string>,
  changes: Partial<Service>,
  others: readonly Service[] = [],
) {
  const upstream = anUpstream(name, first);
  const setup = aStore(upstream.path);
  const place = (where: string) => join(scratch, `${name}-on-host`, where) as AbsPath;
  const service: Service = {
    ...plainService,
    ...{ name, machine: "m", upstream: upstream.path, branch: "main", user: "root" },
    checkout: place("checkout"),
    ...changes,
  };
  const ran: string[] = [];
  const counted: Exec = (argv, options) => {
    ran.push(argv[0] === "setpriv" ? argv.slice(3).join(" ") : argv.join(" "));
    return exec(argv, options);
  };
  const account = service.user === "root" ? root : await accountOf(service.user);
  const check = async (change: Files, { applied = upstream.first as Commit | null } = {}) => {
    const commit = upstream.commit(change);
    await askUpstream(setup.store, ["main"], setup.tools, asked);
    const stage = place(`stage-${commit}`);
    cpSync(upstream.path, stage, { recursive: true });
    execFileSync("chown", ["-R", `${account.uid}:${account.gid}`, stage]);
    const checks = createChecks({
      ...{ exec: counted, git: setup.git, services: [service, ...others] },
      records: { get: () => ({ commit: applied }) as ServiceRecord },
      slots: new FairSemaphore({ slots: 1 }),
    });
    const managed = { service, account, store: setup.store } as ManagedService;
    const pending = checks(managed, { commit, stage }, new AbortController().signal);
    return { stage, problem: await pending.then(() => null, asProblem) };
  };
  return { check, ran, place, service };
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

const units = { links: [aLink("units", "/etc/systemd/system")] };
const aUnit = (lines = "") => `[Service]\nExecStart=/bin/true\n${lines}`;

test("a unit file with a mistake is refused without a check in the config, and is nowhere on the host", async () => {
  const { check } = await aMember("bad-unit", { "units/fine.service": aUnit() }, units);
  const { problem } = await check({ "units/broken.service": aUnit("Nonsense=1\n") });
  expect(problem).toBeInstanceOf(Refusal);
  expect(problem?.message).toBe(
    "systemd-analyze verify --recursive-errors=no --man=no -- broken.service: exit status 1: " +
      "/etc/systemd/system/broken.service:3: Unknown key 'Nonsense' in section [Service], ignoring.",
  );
  expect(existsSync("/etc/systemd/system/broken.service")).toBe(false);
});

test.each([
  [
    "a program that is not there",
    aUnit("ExecReload=/bin/no-such-program\n"),
    "no-such-program is not executable",
  ],
  ["an unknown section", `${aUnit()}[Nonsense]\nA=b\n`, "Unknown section"],
  ["a value that means nothing", aUnit("Restart=sometimes\n"), "Failed to parse service restart specifier"],
  ["nothing to start", "[Service]\nType=simple\n", "Service has no ExecStart="],
])("%s is refused", async (name, text, says) => {
  const { check } = await aMember(name.replaceAll(" ", "-"), { "units/fine.service": aUnit() }, units);
  const { problem } = await check({ "units/app@.service": text });
  expect(problem).toBeInstanceOf(Refusal);
  expect(problem?.evidence?.output).toContain(says);
});

test("a program that the unit of now lacks too is the host's lack, and another one is the commit's", async () => {
  const { check } = await aMember("lacks", { "units/fine.service": aUnit() }, units);
  const name = "gitopper-test-lacks.service";
  const live = `/run/systemd/system/${name}`;
  mkdirSync(dirname(live), { recursive: true });
  writeFileSync(live, "[Service]\nExecStart=/usr/sbin/gone-now\n");
  try {
    const on = async (text: string) => (await check({ [`units/${name}`]: text })).problem;
    const lack = await on("[Service]\nExecStart=/usr/sbin/gone-now --new\n");
    expect(lack).toBeInstanceOf(HostFault);
    expect(lack?.message).toBe(
      `Cannot verify ${name}: this host does not have /usr/sbin/gone-now at the moment`,
    );
    expect(await on("[Service]\nExecStart=/usr/sbin/mistyped\n")).toBeInstanceOf(Refusal);
    expect(await on("[Service]\nExecStart=/usr/sbin/gone-now\nNonsense=1\n")).toBeInstanceOf(Refusal);
  } finally {
    rmSync(live);
  }
});

test("a drop-in is verified with the unit that it extends, if the host has that", async () => {
  const { check } = await aMember("drop-in", { "units/fine.service": aUnit() }, units);
  const absent = await check({ "units/no-such-unit.service.d/x.conf": "[Service]\nNonsense=1\n" });
  expect(absent.problem).toBeNull();
  const { problem } = await check({ "units/nginx.service.d/x.conf": "[Service]\nNonsense=1\n" });
  expect(problem?.message).toContain("/etc/systemd/system/nginx.service.d/x.conf:2: Unknown key");
});

test("only what changes is verified, and not what other units lack", async () => {
  const first = { "units/old.service": aUnit("Nonsense=1\n"), "units/masked.service": "" };
  const { check } = await aMember("unchanged", first, units);
  const { problem } = await check({
    "units/new.service": `[Unit]\nRequires=gone.service old.service\n${aUnit()}`,
  });
  expect(problem).toBeNull();
  expect((await check({ "units/b.service": aUnit() }, { applied: null })).problem?.message).toContain(
    "old.service:3: Unknown key",
  );
});

test("without a check and unit files no process is started", async () => {
  const plain = await aMember("plain", { "etc/a": "a" }, { links: [aLink("etc", "/etc/nowhere")] });
  expect((await plain.check({ "etc/a": "b" })).problem).toBeNull();
  const same = await aMember("same-units", { "units/a.service": aUnit(), "etc/a": "a" }, units);
  expect((await same.check({ "etc/a": "b" })).problem).toBeNull();
  expect([...plain.ran, ...same.ran]).toEqual([]);
});

test("a first check finds its places made, and belongs to the service's user", async () => {
  const place = (path: string) => join(scratch, "first-places", path);
  const { check } = await aMember(
    "first",
    { "etc/conf": "one\n", single: "1\n", "parts/p": "part\n" },
    {
      user: "www-data",
      links: [
        aLink("etc", place("new/etc")),
        aLink("single", place("new/single"), true),
        aLink("parts", place("new/etc/conf.d/parts")),
      ],
      check: aCheck(`id -un; cd ${place("new")}; cat etc/conf single etc/conf.d/parts/p; exit 1`),
    },
  );
  mkdirSync(place(""), { recursive: true });
  const { problem } = await check({ single: "2\n" });
  expect(problem?.evidence?.output).toBe("www-data\none\n2\npart\n");
  expect(statSync(place("new/etc")).uid).toBe((await accountOf("www-data")).uid);
  expect(readFileSync(place("new/single"), "utf8")).toBe("");
});

test("what another service has mounted inside is seen by the check", async () => {
  const place = (path: string) => join(scratch, "outer-places", path);
  const inner = await aMember("inner", { "parts/p": "x" }, { links: [aLink("parts", place("live/parts"))] });
  const links = [aLink("etc", place("live"))];
  const script = aCheck(`cat ${place("live/conf")} ${place("live/parts/p")}; exit 1`);
  const { check } = await aMember("outer", { "etc/conf": "one\n" }, { links, check: script }, [
    inner.service,
  ]);
  for (const path of [place("live/parts"), inner.place("checkout/parts")])
    mkdirSync(path, { recursive: true });
  writeFileSync(inner.place("checkout/parts/p"), "inner\n");
  const [bind] = bindsOf(inner.service);
  if (bind === undefined) throw new Error("no bind");
  const mounter = createMounter(exec);
  await mountBind({ ...bind, replaces: false }, root, { exec, mounter });
  try {
    expect((await check({ "etc/conf": "two\n" })).problem?.evidence?.output).toBe("two\ninner\n");
  } finally {
    await unmount(bind.target, mounter);
  }
});

test("a check runs as another user where the config says so, if there is one", async () => {
  const changes = (user: string) => ({ check: aCheck("id -un; exit 1", { user }) });
  const known = await aMember("other-user", { a: "a" }, changes("www-data"));
  expect((await known.check({ a: "b" })).problem?.evidence?.output).toBe("www-data\n");
  const unknown = await aMember("no-user", { a: "a" }, changes("no-such-user"));
  const { problem } = await unknown.check({ a: "b" });
  expect(problem).not.toBeInstanceOf(Refusal);
  expect(problem?.message).toBe('Cannot check as user "no-such-user": this host does not have it');
});
