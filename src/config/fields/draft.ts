/** Parses one `[[services]]` entry, with the defaults of `[global]`, and checks every value. */
import { type AbsPath, parseAbsPath } from "../../model/path.ts";
import { plainService, type Service } from "../../model/service.ts";
import { type Path, quote } from "../errors/finding.ts";
import type { GlobalFile, ServiceFile } from "../file.ts";
import { readActions } from "./actions.ts";
import { readCare } from "./care.ts";
import { readCheck } from "./commands.ts";
import { readProbes } from "./health.ts";
import { type LinkDraft, readLink } from "./link.ts";
import { spanWithin } from "./spans.ts";
import type { Table } from "./table.ts";
import { parseAction, parseBranch, parsePackage, parseUnitName, parseUser } from "./values/names.ts";
import { accept } from "./values/parsed.ts";
import { parseCheckout, parseMount } from "./values/places.ts";
import { parseUpstream } from "./values/upstream.ts";

/** Facts about the host that checks need. */
export interface HostFacts {
  /** Whether a `machine` of the config is this host. */
  readonly answersTo: (machine: string) => boolean;
  readonly userExists: (name: string) => boolean;
  readonly groupExists: (name: string) => boolean;
  /** The user for services that name none. */
  readonly defaultUser: string;
}

type Unsure = "machine" | "name" | "upstream" | "checkout";

/** A service as far as it was readable; null: invalid, and reported. */
export type Draft = Omit<Service, Unsure | "links"> & { readonly [K in Unsure]: Service[K] | null } & {
  readonly at: Path;
  readonly links: readonly LinkDraft[];
};

const advice = {
  machine: 'name the host, such as "web1.example.org"',
  service: 'name the systemd unit, such as "grafana-server"',
  upstream: 'set it here or in [global], such as "https://example.org/config.git"',
  mount: 'set it here or in [global], such as "/srv/gitopper"',
};

/** Checks the defaults once, at their own keys; null: not set, or invalid and reported. */
export function readDefaults(global: Table<GlobalFile>) {
  return {
    upstream: global.optional("upstream", parseUpstream),
    branch: global.optional("branch", parseBranch),
    mount: global.optional("mount", parseMount),
    care: readCare(global, plainService),
  };
}

const actionTimeout = spanWithin(1_000, 3_600_000, 'give how long systemd may take, such as "5m"');

/** Checks everything about a service that does not depend on other services. */
export function readService(
  service: Table<ServiceFile>,
  defaults: ReturnType<typeof readDefaults>,
  host: HostFacts,
): Draft {
  const { file } = service;
  const machine = service.required("machine", accept, advice.machine);
  const name = service.required("service", parseUnitName, advice.service);
  const mount = service.required("mount", parseMount, advice.mount, defaults.mount);
  checkUser("user", service, host);
  checkUser("check_user", service, host);
  // A package may create the group.
  const groupExists = (group: string) =>
    Boolean(file.package) || !file.machine || !host.answersTo(file.machine) || host.groupExists(group);
  const links = service.tables("dirs").map((dir) => readLink(dir, groupExists));
  const paths = links.map(({ link }) => link);
  const care = readCare(service, defaults.care);
  return {
    ...care,
    health: { ...care.health, probes: readProbes(service, care.health.settleMs) },
    at: service.at,
    machine,
    name,
    upstream: service.required("upstream", parseUpstream, advice.upstream, defaults.upstream),
    branch: service.optional("branch", parseBranch) ?? defaults.branch ?? "main",
    checkout: name && mount ? readCheckout(service, mount, name) : null,
    user: service.optional("user", parseUser) ?? host.defaultUser,
    package: service.optional("package", parsePackage),
    action: service.optional("action", parseAction),
    actions: readActions(service, paths),
    actionTimeoutMs: service.optional("action_timeout", actionTimeout) ?? plainService.actionTimeoutMs,
    check: readCheck(service),
    symlinksTo: readSymlinksTo(service),
    links,
  };
}

/** The service of a draft without errors. */
export function toService(draft: Draft): Service | null {
  const { at: _, machine, name, upstream, checkout, ...rest } = draft;
  const links = draft.links.flatMap(({ link, ...rest }) => (link ? [{ ...rest, link }] : []));
  if (!machine || !name || !upstream || !checkout || links.length < draft.links.length) return null;
  // Outer paths first, because a mount inside another one has to follow it.
  const ordered = links.toSorted((a, b) => (a.local?.length ?? 0) - (b.local?.length ?? 0));
  return { ...rest, machine, name, upstream, checkout, links: ordered };
}

function readCheckout(service: Table<ServiceFile>, mount: AbsPath, name: string): AbsPath | null {
  const checkout = parseCheckout(mount, name);
  if (checkout.ok) return checkout.value;
  service.report(service.file.mount ? "mount" : "service", checkout.why);
  return null;
}

/** A service with a package may name a missing user, which the package may create. */
function checkUser(key: "user" | "check_user", service: Table<ServiceFile>, host: HostFacts): void {
  const { file } = service;
  const user = file[key];
  if (!user || file.package || !file.machine || !parseUser(user).ok) return;
  if (!host.answersTo(file.machine) || host.userExists(user)) return;
  service.report(key, `there is no user ${quote(user)} on this host; create it or name another`);
}

/** The directories outside of the links that symlinks of the repository may lead to. */
function readSymlinksTo(service: Table<ServiceFile>): readonly AbsPath[] {
  return (service.file.outside_symlinks ?? []).flatMap((text, index) => {
    const path = parseAbsPath(text);
    if (path !== null && path !== "/") return [path];
    const why = path === null ? "is relative" : "is everything";
    service.report(
      ["outside_symlinks", index],
      `${quote(text)} ${why}; use an absolute path, such as "/usr/share/nginx"`,
    );
    return [];
  });
}
