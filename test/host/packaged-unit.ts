/** The unit that is packaged, as it is shipped. */
import { readFileSync } from "node:fs";
import { gitopperBin, packagedUnitPath } from "./gitopper-unit.ts";
import type { TestHost } from "./host.ts";

export interface PackagedOptions {
  readonly port: number;
  /** More lines for the [Service] section, in a drop-in. */
  readonly extra?: string;
}

/** @throws Error when systemd finds a mistake in it */
export async function installPackagedUnit(
  host: TestHost,
  { port, extra = "" }: PackagedOptions,
): Promise<void> {
  await host.write("/etc/systemd/system/gitopper.service", readFileSync(packagedUnitPath, "utf8"));
  await host.run(["ln", "--symbolic", gitopperBin, "/usr/local/bin/gitopper"]);
  if (extra !== "")
    await host.write("/etc/systemd/system/gitopper.service.d/test.conf", `[Service]\n${extra}\n`);
  await host.write("/etc/default/gitopper", `GITOPPER_OPTIONS=-t 1h -a 127.0.0.1:${port}\n`);
  await host.run(["systemctl", "daemon-reload"]);
  const { stderr } = await host.run(["systemd-analyze", "verify", "--man=no", "gitopper.service"]);
  if (stderr.includes("gitopper.service:")) throw new Error(`The packaged unit has a mistake: ${stderr}`);
}
