/** What systemd says of the unit, and which probes of the known ones pass now. Changes nothing. */
import { connect } from "node:net";
import type { Exec } from "../../platform/process/exec.ts";
import type { KnownProbe } from "../known/known-service.ts";

export interface UnitFacts {
  readonly exists: boolean;
  readonly active: boolean;
  readonly canReload: boolean;
}

export async function unitFacts(service: string, exec: Exec): Promise<UnitFacts> {
  const argv = ["systemctl", "show", "--property=LoadState,ActiveState,CanReload", "--", service];
  const { stdout } = await exec(argv, { timeoutMs: 30_000 }).catch(() => ({ stdout: "" }));
  const has = (line: string) => stdout.split("\n").includes(line);
  return {
    exists: has("LoadState=loaded"),
    active: has("ActiveState=active"),
    canReload: has("CanReload=yes"),
  };
}

const probeTimeoutMs = 2_000;

/** The probes that pass now: another one would undo the first deployment. */
export async function passing(probes: readonly KnownProbe[]): Promise<KnownProbe[]> {
  const results = await Promise.all(probes.map((probe) => passes(probe)));
  return probes.filter((_, index) => results[index]);
}

async function passes(probe: KnownProbe): Promise<boolean> {
  if ("tcp" in probe) return isAccepted(probe.tcp);
  const signal = AbortSignal.timeout(probeTimeoutMs);
  const reply = await fetch(probe.http, { signal, redirect: "manual" }).catch(() => null);
  await reply?.body?.cancel();
  return reply?.status === 200;
}

function isAccepted(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(":");
  return new Promise((resolve) => {
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(probeTimeoutMs, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
