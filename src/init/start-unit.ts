/** Enables and starts the daemon's unit, and waits until it is ready. */
import { existsSync } from "node:fs";
import { StartFailure } from "../daemon/setup.ts";
import { unitLog } from "../host/systemd/unit-log.ts";
import { createUnitObserver } from "../host/systemd/units.ts";
import { type Exec, ExecFailure } from "../platform/process/exec.ts";

const unit = "gitopper.service";
/** Longer than `TimeoutStartSec=` of the unit. */
const timeoutMs = 6 * 60_000;
const logLines = 3;

/** False in a chroot or a container without systemd. */
export function hasSystemd(): boolean {
  return existsSync("/run/systemd/system");
}

/** @throws StartFailure when there is no unit to start */
export async function assertUnit(exec: Exec): Promise<void> {
  const { load } = await createUnitObserver(exec)(unit);
  if (load === "not-found")
    throw new StartFailure([
      `This host has no ${unit}: install the package, or packaging/gitopper.service as /etc/systemd/system/${unit}`,
    ]);
  if (load === "masked") throw new StartFailure([`${unit} is masked: systemctl unmask ${unit}`]);
}

/** A daemon that runs already takes up the config. @throws StartFailure */
export async function startUnit({
  exec,
  say,
}: {
  readonly exec: Exec;
  readonly say: (line: string) => void;
}): Promise<void> {
  const before = await createUnitObserver(exec)(unit);
  await systemctl(["enable", "--now", unit], exec);
  if (before.active !== "active") return say(`enabled and started ${unit}: it is ready`);
  // An earlier run may have been interrupted after it wrote the config.
  await systemctl(["reload", unit], exec);
  say(`enabled and reloaded ${unit}: it has the config`);
}

async function systemctl(args: readonly string[], exec: Exec): Promise<void> {
  try {
    await exec(["systemctl", ...args], { timeoutMs });
  } catch (error) {
    if (!(error instanceof ExecFailure)) throw error;
    const log = await unitLog(unit, logLines, exec).catch(() => []);
    throw new StartFailure([`Cannot start gitopper: ${error.keyLine}`, ...log], { cause: error });
  }
}
