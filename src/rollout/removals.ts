/** What a config takes away from a host: services and mounts that are there and that it no longer names. Pure. */
import type { Service } from "../model/service.ts";

/** A service as the host has it now. */
export interface Present {
  readonly service: string;
  /** Where its files are mounted. */
  readonly mounts: readonly string[];
}

export interface Removal extends Present {
  /** The config no longer has the service at all. */
  readonly gone: boolean;
}

/** A place that another service of the config takes over is not taken away. */
export function removalsOf(present: readonly Present[], services: readonly Service[]): readonly Removal[] {
  const kept = new Set(
    services.flatMap(({ links }) => links.flatMap(({ local }) => local ?? [])) as string[],
  );
  return present.flatMap(({ service, mounts }) => {
    const gone = !services.some(({ name }) => name === service);
    const lost = mounts.filter((target) => !kept.has(target));
    return gone || lost.length > 0 ? [{ service, gone, mounts: lost }] : [];
  });
}

/** One line for people. */
export function renderRemoval({ service, gone, mounts }: Removal): string {
  const places = mounts.join(", ");
  if (!gone) return `unmounts ${service}: ${places}`;
  return `removes ${service}${places === "" ? "" : `, unmounts ${places}`}; its unit is left alone`;
}

/** Null: the config may be used. It may not take away all that a host has, unless a person says so. */
export function removalFault(
  present: readonly Present[],
  services: readonly Service[],
  hosts: readonly string[],
): string | null {
  if (present.length === 0 || services.length > 0) return null;
  const has = present.length === 1 ? "its last service" : `all ${present.length} services`;
  const names = present.slice(0, 5).map(({ service }) => service);
  const more = names.length < present.length ? ", …" : "";
  return `no service is for this host, which answers to ${hosts.join(", ")}: that would remove ${has} (${names.join(", ")}${more}); correct "machine" or the name of the host, or start gitopper with --allow-removal`;
}
