/** Looks at what gitopper needs of its host, and says what to do where something is wrong. */
import { existsSync, statfsSync } from "node:fs";
import { hostname } from "node:os";
import { basename } from "node:path";
import type { DoctorCheck } from "../../api/shapes.ts";
import { secretsLeftOut } from "../../credentials/secret-files.ts";
import { keysLeftOut } from "../../credentials/ssh-keys.ts";
import { probeUpstream } from "../../git/history/log.ts";
import { measureStore } from "../../git/store/pack-store.ts";
import { bindsOf, observeBind } from "../../host/mounts/mounts.ts";
import type { AccessKey, ApiSettings } from "../../model/service.ts";
import { maskSecrets } from "../../model/text/mask.ts";
import type { Webhook } from "../../model/webhook.ts";
import { setAsideIn } from "../../platform/files/state-paths.ts";
import { ExecFailure } from "../../platform/process/exec.ts";
import type { Context } from "../../reconcile/context.ts";
import type { UpstreamLoop } from "../../sync/upstream-loop.ts";
import { checkServices, isUndeployed } from "./doctor-services.ts";

/** Well below the 10 s that gitopperctl waits for the whole answer. */
const askTimeoutMs = 5_000;
const gitOldest = [2, 36] as const;

const ok = (name: string, detail: string): DoctorCheck => ({ name, result: "ok", detail, remedy: "" });
const bad = (
  name: string,
  detail: string,
  remedy: string,
  result: "warning" | "failed" = "failed",
): DoctorCheck => ({ name, result, detail, remedy });

export interface Examined {
  /** That the host answers to since the start. */
  readonly names: readonly string[];
  readonly keys: readonly AccessKey[];
  readonly api: ApiSettings;
  readonly webhooks: readonly Webhook[];
  /** Why HTTPS cannot use its files, as they are now. */
  readonly tlsFaults: (api: ApiSettings) => Promise<readonly string[]>;
}

export async function examine(
  loops: readonly UpstreamLoop[],
  { names, keys, api, webhooks, tlsFaults }: Examined,
  context: Context,
): Promise<DoctorCheck[]> {
  const checks = await Promise.all([
    checkGit(context),
    checkSystemd(context),
    checkName(names),
    checkClock(context),
    checkDisk(loops, context),
    checkBroken(context),
    checkMounts(loops, context),
    checkServices(loops, context),
    checkKeys(keys),
    checkTls(api, tlsFaults),
    checkWebhooks(webhooks),
    ...loops.map((loop) => checkUpstream(loop, context)),
    ...loops.map(checkBranches),
    ...loops.map((loop) => checkStore(loop, context)),
  ]);
  return checks.flat();
}

async function checkGit({ exec }: Context): Promise<DoctorCheck> {
  const remedy = `install git ${gitOldest.join(".")} or newer`;
  const output = await ask(["git", "--version"], exec);
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(output ?? "") ?? [];
  if (major === undefined) return bad("git", "it does not run", remedy);
  const fits =
    Number(major) > gitOldest[0] || (Number(major) === gitOldest[0] && Number(minor) >= gitOldest[1]);
  const detail = output?.trim() ?? "";
  return fits ? ok("git", detail) : bad("git", `${detail} is too old`, remedy);
}

async function checkSystemd({ exec }: Context): Promise<DoctorCheck> {
  if (!existsSync("/run/systemd/system"))
    return bad("systemd", "it does not run this host", "boot with systemd; without it units cannot be told");
  const state = (await ask(["systemctl", "is-system-running"], exec, [0, 1]))?.trim() || "unknown";
  if (["running", "starting", "degraded"].includes(state)) return ok("systemd", state);
  return bad("systemd", state, "see systemctl status", "warning");
}

function checkName(names: readonly string[]): DoctorCheck {
  const now = hostname();
  const answers = `gitopper answers to ${names.join(", ")}`;
  if (names.includes(now)) return ok("host name", answers);
  const remedy = `name ${now} as a machine in the config, or give the host its old name; then systemctl reload gitopper`;
  return bad("host name", `the host is called ${now} now, and ${answers}`, remedy);
}

async function checkClock({ exec }: Context): Promise<DoctorCheck> {
  const synced = (await ask(["timedatectl", "show", "--property=NTPSynchronized", "--value"], exec))?.trim();
  if (synced === "yes") return ok("clock", "synchronized");
  const remedy =
    "switch on systemd-timesyncd or chrony: windows, freezes and certificates need the right time";
  return bad(
    "clock",
    synced === "no" ? "not synchronized" : "it is unknown whether it is synchronized",
    remedy,
    "warning",
  );
}

const freeMin = 0.05;
const freeMinBytes = 100 * 1024 * 1024;

function checkDisk(loops: readonly UpstreamLoop[], { stateDir }: Context): DoctorCheck[] {
  const mounts = loops.flatMap(({ group }) => group.services.map(({ checkout }) => checkout));
  const places = new Set([stateDir, ...mounts].filter((path) => existsSync(path)));
  const full = [...places].flatMap((path) => {
    const { bavail, blocks, bsize, ffree, files } = statfsSync(path);
    if (files > 0 && ffree / files < freeMin) return [`${path} has few inodes left`];
    const short = bavail / Math.max(blocks, 1) < freeMin && bavail * bsize < freeMinBytes * 10;
    return short || bavail * bsize < freeMinBytes
      ? [`${path} has ${Math.round((bavail * bsize) / 1e6)} MB left`]
      : [];
  });
  const [first] = full;
  if (first === undefined) return [ok("disk", "room enough")];
  return full.map((detail) => bad("disk", detail, "make room: a full disk stops deployments"));
}

/** What was damaged and set aside, until a person has seen it. */
function checkBroken({ stateDir }: Context): DoctorCheck[] {
  const broken = setAsideIn(stateDir);
  if (broken.length === 0) return [ok("state", "no damaged files")];
  return broken.map((path) =>
    bad(
      "state",
      `${path} was damaged, and a new file took its place`,
      "look at the disk; then remove that file",
      "warning",
    ),
  );
}

function checkMounts(loops: readonly UpstreamLoop[], context: Context): DoctorCheck[] {
  const table = context.mountTable();
  const all = loops.flatMap(({ group }) => group.services);
  const services = all.filter(({ name }) => !isUndeployed(context.records.get(name)));
  const aside = services.filter(({ name }) => context.aside.has(name));
  const binds = services.flatMap((service) => {
    const links = aside.includes(service) ? service.links.filter(({ file }) => !file) : service.links;
    return bindsOf(service, links).map((bind) => ({ name: service.name, bind }));
  });
  const away = aside.map(({ name }) =>
    bad("mounts", `${name}: ${context.aside.words(name)}`, "nothing, while a package is replaced", "warning"),
  );
  const wrong = binds.flatMap(({ name, bind }) => {
    try {
      return observeBind(bind, table) === "mounted" ? [] : [`${bind.target} of ${name} is not mounted`];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  if (wrong.length === 0) return [ok("mounts", `${binds.length} as they should be`), ...away];
  return [
    ...wrong.map((detail) => bad("mounts", detail, "see the state of the service; a pull tries again")),
    ...away,
  ];
}

function checkKeys(keys: readonly AccessKey[]): DoctorCheck[] {
  const leftOut = keysLeftOut(keys);
  const files = `${keys.length} file${keys.length === 1 ? "" : "s"}`;
  if (leftOut.length === 0)
    return [ok("keys", keys.length === 0 ? "none, so no SSH" : `${files} can be used`)];
  return leftOut.map((detail) =>
    bad("keys", detail, "its owner cannot come in over SSH until that is put right"),
  );
}

async function checkTls(api: ApiSettings, tlsFaults: Examined["tlsFaults"]): Promise<DoctorCheck[]> {
  if (api.cert === null) return [];
  const [fault] = await tlsFaults(api);
  if (fault === undefined) return [ok("https", `${api.cert} can be used`)];
  return [bad("https", fault, "put the files right; where HTTPS is closed: systemctl reload gitopper")];
}

function checkWebhooks(webhooks: readonly Webhook[]): DoctorCheck[] {
  if (webhooks.length === 0) return [];
  const leftOut = secretsLeftOut(webhooks);
  if (leftOut.length === 0) return [ok("webhooks", `${webhooks.length}, with their secrets`)];
  return leftOut.map((detail) =>
    bad("webhooks", detail, "its pushes wait for the next poll until that is put right", "warning"),
  );
}

async function checkUpstream(loop: UpstreamLoop, { git }: Context): Promise<DoctorCheck> {
  const name = `upstream ${maskSecrets(loop.group.upstream)} as ${loop.group.user}`;
  const [first] = loop.group.services;
  const store = first && loop.managed(first.name)?.store;
  if (store === undefined) return bad(name, "it has not been set up yet", "see the state of its services");
  const why = await probeUpstream(store, git);
  if (why === null) return ok(name, "answers");
  return bad(name, maskSecrets(why), "check the network, the URL, and the credentials of that user");
}

/** Branches that cannot be followed though their upstream answers. */
function checkBranches({ group, view }: UpstreamLoop): DoctorCheck[] {
  if (view.is !== "known") return [];
  const { tips, troubles } = view;
  const lost = Map.groupBy(
    group.services.filter(({ branch }) => !tips.has(branch)),
    ({ branch }) => branch,
  );
  return [...lost].map(([branch, services]) => {
    const names = services.map(({ name }) => name).join(", ");
    const why = troubles?.get(branch)?.message ?? `upstream has no such branch; ${names} cannot follow it`;
    const remedy = "push the branch, or name another one in the config";
    return bad(`branch ${branch} of ${maskSecrets(group.upstream)}`, maskSecrets(why), remedy);
  });
}

async function checkStore(loop: UpstreamLoop, { exec, storeMaxBytes }: Context): Promise<DoctorCheck[]> {
  const [first] = loop.group.services;
  const store = first && loop.managed(first.name)?.store;
  if (store === undefined || !existsSync(store.path)) return [];
  const name = `store ${basename(store.path)}`;
  try {
    const bytes = await measureStore(store, exec, askTimeoutMs);
    const size = `${Math.ceil(bytes / 1e6)} MB of ${Math.ceil(storeMaxBytes / 1e6)}`;
    if (bytes <= storeMaxBytes) return [ok(name, size)];
    return [bad(name, size, "raise store_limit, or leave large files out of the repository", "warning")];
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    if (error.cut !== "time") return [bad(name, error.keyLine, "see the state of its services")];
    const detail = `not measured in ${askTimeoutMs / 1000} s: it has very many files, or its disk is slow`;
    return [bad(name, detail, `see where the files are: du --inodes --max-depth=2 ${store.path}`, "warning")];
  }
}

/** What a program says; null where it does not run or does not like the question. */
async function ask(
  argv: readonly string[],
  exec: Context["exec"],
  okStatus: readonly number[] = [0],
): Promise<string | null> {
  try {
    return (await exec(argv, { timeoutMs: askTimeoutMs, okStatus })).stdout;
  } catch (error) {
    if (error instanceof ExecFailure) return null;
    throw error;
  }
}
