/** The packages that services need. */
import { installPackage, isInstalled, type PackageManager } from "../../host/packages.ts";
import type { Service } from "../../model/service.ts";
import type { Exec } from "../../platform/process/exec.ts";
import type { Packages } from "../ports.ts";

export class PackagesOnHost implements Packages {
  readonly #manager: PackageManager | null;
  readonly #exec: Exec;
  /** The packages that were found installed. */
  readonly #known = new Set<string>();

  constructor(manager: PackageManager | null, exec: Exec) {
    this.#manager = manager;
    this.#exec = exec;
  }

  async isMissing({ package: name }: Pick<Service, "package">): Promise<boolean> {
    if (name === null || this.#known.has(name)) return false;
    const installed = await isInstalled(name, this.#manager, this.#exec);
    if (installed) this.#known.add(name);
    return !installed;
  }

  /** Without a package manager nothing is installed, and `isMissing` says so. */
  async install(name: string): Promise<void> {
    if (this.#manager === null) return;
    await installPackage(name, this.#manager, this.#exec);
    this.#known.add(name);
  }

  forget({ package: name }: Pick<Service, "package">): void {
    if (name !== null) this.#known.delete(name);
  }
}
