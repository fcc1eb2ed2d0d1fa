/** What ran the bench. */
import { cpus, release, totalmem } from "node:os";
import { run } from "../test/host/run.ts";

export interface MachineFacts {
  readonly at: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly git: string;
  readonly systemd: string;
  readonly node: string;
}

export async function observeMachine(): Promise<MachineFacts> {
  const firstLine = async (...argv: readonly string[]) => (await run(argv)).stdout.split("\n")[0] ?? "";
  return {
    at: new Date().toISOString(),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? "",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release().replace(/-.*/, ""),
    git: (await firstLine("git", "--version")).replace("git version ", ""),
    systemd: (await firstLine("systemctl", "--version")).replace(/^systemd (\S+).*/, "$1"),
    node: process.versions.node,
  };
}

export function renderMachine(facts: MachineFacts): string {
  const { cores, cpu, memoryGib, kernel, git, systemd, node, at } = facts;
  const machine = `${cores} cores (${cpu || "unknown CPU"}), ${memoryGib} GiB RAM`;
  return `${machine}, Linux ${kernel}, git ${git}, systemd ${systemd}, node ${node}, ${at.slice(0, 10)}`;
}
