/** Parses one `[[services]]` entry, with the defaults of `[global]`, and checks every value. */
import type { AbsPath } from "../../model/path.ts";
import { type Link, plainService, type Service } from "../../model/service.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import type { DirFile, GlobalFile, ServiceFile } from "../file.ts";
import { readAccess } from "./access.ts";
import { readActions } from "./actions.ts";
import { type Inheritable, readCare } from "./care.ts";
import { readCheck } from "./commands.ts";
import { readSymlinksTo } from "./drift.ts";
import { createFields } from "./fields.ts";
import { readHealth } from "./health.ts";
import { spanWithin } from "./spans.ts";
import { parseAction, parseBranch, parsePackage, parseUnitName, parseUser } from "./values/names.ts";
import { accept } from "./values/parsed.ts";
import { parseCheckout, parseLink, parseLocal, parseMount } from "./values/places.ts";
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

/** The checked defaults; null: not set, or invalid and reported. */
export interface Defaults {
  readonly upstream: string | null;
  readonly branch: string | null;
  readonly mount: AbsPath | null;
  readonly care: Inheritable;
}

type Unsure = "machine" | "name" | "upstream" | "checkout";

/** A service as far as it was readable; null: invalid, and reported. */
export type Draft = Omit<Service, Unsure | "links"> & { readonly [K in Unsure]: Service[K] | null } & {
  readonly at: Path;
  readonly links: readonly (Omit<Link, "link"> & { readonly link: Link["link"] | null })[];
};

const advice = {
  machine: 'name the host, such as "web1.example.org"',
  service: 'name the systemd unit, such as "grafana-server"',
  upstream: 'set it here or in [global], such as "https://example.org/config.git"',
  mount: 'set it here or in [global], such as "/srv/gitopper"',
  link: 'give the path in the repository, such as "grafana/etc"',
};

/** Checks the defaults once, at their own keys. */
export function readDefaults(file: GlobalFile, findings: Findings): Defaults {
  const fields = createFields(file, ["global"], findings);
  return {
    upstream: fields.optional("upstream", parseUpstream),
    branch: fields.optional("branch", parseBranch),
    mount: fields.optional("mount", parseMount),
    care: readCare(file, plainService, ["global"], findings),
  };
}

const actionTimeout = spanWithin(1_000, 3_600_000, 'give how long systemd may take, such as "5m"');

/** Checks everything about a service that does not depend on other services. */
export function readService(
  file: ServiceFile,
  context: { at: Path; defaults: Defaults; host: HostFacts; findings: Findings },
): Draft {
  const { at, defaults, host, findings } = context;
  const fields = createFields(file, at, findings);
  const machine = fields.required("machine", accept, advice.machine);
  const name = fields.required("service", parseUnitName, advice.service);
  const mount = fields.required("mount", parseMount, advice.mount, defaults.mount);
  checkUser("user", file, context);
  checkUser("check_user", file, context);
  // A package may create the group.
  const groupExists = (group: string) =>
    Boolean(file.package) || !file.machine || !host.answersTo(file.machine) || host.groupExists(group);
  const links = (file.dirs ?? []).map((dir, index) =>
    readLink(dir, [...at, "dirs", index], { groupExists, findings }),
  );
  const paths = links.map(({ link }) => link);
  const care = readCare(file, defaults.care, at, findings);
  return {
    ...care,
    health: readHealth(file, { at, fallback: care.health, findings }),
    at,
    machine,
    name,
    upstream: fields.required("upstream", parseUpstream, advice.upstream, defaults.upstream),
    branch: fields.optional("branch", parseBranch) ?? defaults.branch ?? "main",
    checkout:
      name && mount ? readCheckout(mount, name, [...at, file.mount ? "mount" : "service"], findings) : null,
    user: fields.optional("user", parseUser) ?? host.defaultUser,
    package: fields.optional("package", parsePackage),
    action: fields.optional("action", parseAction),
    actions: readActions(file, paths, at, findings),
    actionTimeoutMs: fields.optional("action_timeout", actionTimeout) ?? plainService.actionTimeoutMs,
    check: readCheck(file, at, findings),
    symlinksTo: readSymlinksTo(file.outside_symlinks, at, findings),
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

function readCheckout(mount: AbsPath, name: string, at: Path, findings: Findings): AbsPath | null {
  const checkout = parseCheckout(mount, name);
  if (checkout.ok) return checkout.value;
  findings.add(at, checkout.why);
  return null;
}

/** A service with a package may name a missing user, which the package may create. */
function checkUser(
  key: "user" | "check_user",
  file: ServiceFile,
  { at, host, findings }: { at: Path; host: HostFacts; findings: Findings },
): void {
  const user = file[key];
  if (!user || file.package || !file.machine || !parseUser(user).ok) return;
  if (!host.answersTo(file.machine) || host.userExists(user)) return;
  findings.add([...at, key], `there is no user ${quote(user)} on this host; create it or name another`);
}

function readLink(
  file: DirFile,
  at: Path,
  { groupExists, findings }: Pick<HostFacts, "groupExists"> & { readonly findings: Findings },
): Draft["links"][number] {
  const fields = createFields(file, at, findings);
  const local = fields.optional("local", parseLocal);
  const link = fields.required("link", parseLink, advice.link);
  if (link === "." && file.file)
    findings.add(
      [...at, "link"],
      `"." is the repository's root, not a file; name a file or drop "file = true"`,
    );
  const access = readAccess(file, groupExists, at, findings);
  return { local, link, file: file.file ?? false, ...(access && { access }) };
}
