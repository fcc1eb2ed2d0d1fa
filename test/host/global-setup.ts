/** Before and after all scenarios: what they need is there, and nothing of a killed earlier run is left. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { removeLeftoverCgroups } from "./cgroup.ts";
import { repositoryRoot } from "./host.ts";
import { run } from "./run.ts";
import { removeLeftovers } from "./temp-dir.ts";

const tools = [
  "systemd-nspawn",
  "dbus-daemon",
  "nginx",
  "prometheus",
  "sshd",
  "ssh",
  "curl",
  "ip",
  "nsenter",
  "git",
];
const programs = ["gitopper", "gitopper-init", "gitopperctl", "gitopperhdr"].map(
  (name) => `dist/${name}.cjs`,
);
const sources = ["src", "rolldown.config.ts", "package-lock.json"];

/** Called by vitest. @throws when scenarios cannot run here, saying what to do. */
export async function setup(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error("Cannot boot test hosts: you are not root; run the tests as root");
  await requireTools();
  teardown();
  if (isStale())
    await run(["npm", "run", "build"], { cwd: repositoryRoot, timeoutMs: 120_000, env: inheritPath() });
}

/** Called by vitest. */
export function teardown(): void {
  removeLeftovers();
  removeLeftoverCgroups();
}

async function requireTools(): Promise<void> {
  const missing: string[] = [];
  for (const tool of tools) {
    const { status } = await run(["/bin/sh", "-c", `command -v ${tool}`], { allowFailure: true });
    if (status !== 0) missing.push(tool);
  }
  if (missing.length === 0) return;
  throw new Error(`Cannot boot test hosts: ${missing.join(", ")} not found; run scripts/install-test-tools`);
}

function isStale(): boolean {
  const built = programs.map((file) => join(repositoryRoot, file));
  if (!built.every((file) => existsSync(file))) return true;
  const oldestBuilt = Math.min(...built.map((file) => statSync(file).mtimeMs));
  return sources.some((source) => newestIn(join(repositoryRoot, source)) > oldestBuilt);
}

function newestIn(path: string): number {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

function inheritPath(): { PATH: string } {
  return { PATH: process.env.PATH ?? "" };
}
