/** The packages that services need. */
import { installPackage, isInstalled, type PackageManager } from "../../host/packages.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Packages } from "../ports.ts";

export function createPackages(manager: PackageManager | null, exec: Exec): Packages {
  /** The packages that were found installed. */
  const known = new Set<string>();
  return {
    async isMissing({ package: name }) {
      if (name === null || known.has(name)) return false;
      const installed = await isInstalled(name, manager, exec);
      if (installed) known.add(name);
      return !installed;
    },
    async install(name) {
      if (manager === null) return;
      await installPackage(name, manager, exec);
      known.add(name);
    },
    forget({ package: name }) {
      if (name !== null) known.delete(name);
    },
  };
}
