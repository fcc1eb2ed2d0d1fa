/** Checks what gitopper needs of its host: git, systemd, its name, the time, and room on the disks. */
import { existsSync, statfsSync } from "node:fs";
import { hostname } from "node:os";
import type { DoctorCheck } from "../../api/shapes.ts";
import type { AbsPath } from "../../model/path.ts";
import { setAsideIn } from "../../platform/files/state-paths.ts";
import { type Exec, ExecFailure } from "../../platform/process/exec.ts";
import type { UpstreamLoop } from "../../sync/upstream-loop.ts";
import { bad, ok, programTimeoutMs } from "./doctor.ts";

const gitOldest = [2, 36] as const;

/** `names`: those that the host answers to since the start. */
export async function checkHost(
  loops: readonly UpstreamLoop[],
  names: readonly string[],
  { exec, stateDir }: { readonly exec: Exec; readonly stateDir: AbsPath },
): Promise<readonly DoctorCheck[]> {
  const checks = await Promise.all([
    checkGit(exec),
    checkSystemd(exec),
    checkName(names),
    checkClock(exec),
    checkDisk(loops, stateDir),
    checkBroken(stateDir),
  ]);
  return checks.flat();
}

async function checkGit(exec: Exec): Promise<DoctorCheck> {
  const remedy = `install git ${gitOldest.join(".")} or newer`;
  const output = await outputOf(["git", "--version"], exec);
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(output ?? "") ?? [];
  if (major === undefined) return bad("git", "it does not run", remedy);
  const fits =
    Number(major) > gitOldest[0] || (Number(major) === gitOldest[0] && Number(minor) >= gitOldest[1]);
  const detail = output?.trim() ?? "";
  return fits ? ok("git", detail) : bad("git", `${detail} is too old`, remedy);
}

async function checkSystemd(exec: Exec): Promise<DoctorCheck> {
  if (!existsSync("/run/systemd/system"))
    return bad("systemd", "it does not run this host", "boot with systemd; without it units cannot be told");
  const state = (await outputOf(["systemctl", "is-system-running"], exec, [0, 1]))?.trim() || "unknown";
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

async function checkClock(exec: Exec): Promise<DoctorCheck> {
  const argv = ["timedatectl", "show", "--property=NTPSynchronized", "--value"];
  const synced = (await outputOf(argv, exec))?.trim();
  if (synced === "yes") return ok("clock", "synchronized");
  const remedy =
    "switch on systemd-timesyncd or chrony: windows, freezes and certificates need the right time";
  const detail = synced === "no" ? "not synchronized" : "it is unknown whether it is synchronized";
  return bad("clock", detail, remedy, "warning");
}

const freeMin = 0.05;
const freeMinBytes = 100 * 1024 * 1024;

function checkDisk(loops: readonly UpstreamLoop[], stateDir: AbsPath): DoctorCheck[] {
  const mounts = loops.flatMap(({ group }) => group.services.map(({ checkout }) => checkout));
  const paths = new Set([stateDir, ...mounts].filter((path) => existsSync(path)));
  const full = [...paths].flatMap((path) => {
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

/** Files that were damaged and set aside, until a person removes them. */
function checkBroken(stateDir: AbsPath): DoctorCheck[] {
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

/** The output of a program; null when it does not run or fails. */
async function outputOf(
  argv: readonly string[],
  exec: Exec,
  okStatus: readonly number[] = [0],
): Promise<string | null> {
  try {
    return (await exec(argv, { timeoutMs: programTimeoutMs, okStatus })).stdout;
  } catch (error) {
    if (error instanceof ExecFailure) return null;
    throw error;
  }
}
