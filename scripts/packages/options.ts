/** The command line of `npm run package`. */
import { parseArgs } from "node:util";

/** As Debian names them. */
export type Arch = "amd64" | "arm64";

export interface Options {
  readonly version: string;
  readonly archs: readonly Arch[];
  /** Compress little: for tests. */
  readonly quick: boolean;
  readonly debsOnly: boolean;
  readonly output: string;
}

const archs: readonly Arch[] = ["amd64", "arm64"];

/** @throws Error that says what would be right */
export function parseOptions(
  args: readonly string[],
  defaults: { version: string; output: string },
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      version: { type: "string", default: defaults.version },
      arch: { type: "string", multiple: true, default: [...archs] },
      quick: { type: "boolean", default: false },
      "debs-only": { type: "boolean", default: false },
      output: { type: "string", default: defaults.output },
    },
  });
  if (!/^\d+\.\d+\.\d+(-[a-z\d.]+)?$/.test(values.version))
    throw new Error(`--version ${values.version}: not a version; 1.2.3 and 1.2.3-rc.1 are`);
  return {
    version: values.version,
    archs: values.arch.map(parseArch),
    quick: values.quick,
    debsOnly: values["debs-only"],
    output: values.output,
  };
}

function parseArch(text: string): Arch {
  const arch = archs.find((one) => one === text);
  if (arch === undefined) throw new Error(`--arch ${text}: no such architecture; ${archs.join(" and ")} are`);
  return arch;
}

/** Debian sorts `~` before everything: 1.0.0~rc.1 is older than 1.0.0. */
export function debianVersion(version: string): string {
  return version.replace("-", "~");
}
