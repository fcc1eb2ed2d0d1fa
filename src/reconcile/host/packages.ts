/** The packages that services need. */
import { installPackage, isInstalled, type PackageManager } from "../../host/packages.ts";
import type { Service } from "../../model/service.ts";
import type { Exec } from "../../platform/process/exec.ts";

export type Packages = ReturnType<typeof createPackages>;

export function createPackages(manager: PackageManager | null, exec: Exec) {
  /** The packages that were found installed. */
  const known = new Set<string>();
  return {
    /** @throws Problem */
    async isMissing({ package: name }: Pick<Service, "package">): Promise<boolean> {
      if (name === null || known.has(name)) return false;
      const installed = await isInstalled(name, manager, exec);
      if (installed) known.add(name);
      return !installed;
    },
    /** Without a package manager nothing is installed, and `isMissing` says so. @throws Problem */
    async install(name: string): Promise<void> {
      if (manager === null) return;
      await installPackage(name, manager, exec);
      known.add(name);
    },
    /** Nothing that was observed of the service's package before counts. */
    forget({ package: name }: Pick<Service, "package">): void {
      if (name !== null) known.delete(name);
    },
  };
}
