/** What a host knows about its services after the config has been read: all defaults filled, all checked. */
import type { AbsPath, RepoPath } from "./path.ts";
import type { Webhook } from "./webhook.ts";
import type { Window } from "./window.ts";

/** One bind mount: `link` in the repository is mounted at `local` on the host. */
export interface Link {
  /** Null: the link is checked out and watched, but mounted nowhere (gitopper's own service). */
  readonly local: AbsPath | null;
  /** A path relative to the repository's root; `.` is the whole repository. */
  readonly link: RepoPath;
  readonly file: boolean;
  /** Absent: the config sets none. */
  readonly access?: LinkAccess;
}

/** Mode and group of the files at a link. */
export interface LinkAccess {
  /** For regular files, without execute bits; null: as in git. */
  readonly mode: number | null;
  /** Null: the group of the service's user. */
  readonly group: string | null;
}

export interface Service {
  /** The systemd unit's name, as systemctl takes it. */
  readonly name: string;
  /** The host name in the config that brought the service to this host. */
  readonly machine: string;
  readonly upstream: string;
  readonly branch: string;
  /** `<mount>/<service>`. */
  readonly checkout: AbsPath;
  /** Git runs as this user, and the files belong to it. */
  readonly user: string;
  readonly package: string | null;
  /** The systemctl verb for a change; null: systemd is left alone. */
  readonly action: string | null;
  /** Verbs for changes below some paths; the strongest of all that apply wins. */
  readonly actions: readonly PathAction[];
  /** The time-out of a verb, in ms. */
  readonly actionTimeoutMs: number;
  /** The interval between polls, in ms; null: the daemon's default. */
  readonly intervalMs: number | null;
  readonly fastForwardOnly: boolean;
  readonly links: readonly Link[];
  readonly health: Health;
  /** Null: commits are not checked, except for their unit files. */
  readonly check: Check | null;
  /** Null: signatures are not required. */
  readonly verify: Verify | null;
  /** Where symlinks of the repository may lead, besides the service's own links. */
  readonly symlinksTo: readonly AbsPath[];
  /** The links are mounted read-only. */
  readonly readOnly: boolean;
  readonly drift: Drift;
}

/** A change below `path` needs this verb; null: none. */
export interface PathAction {
  readonly path: RepoPath;
  readonly action: string | null;
}

/** Commands that have to exit with 0 before a commit is published. */
export interface Check {
  /** One after another; the first that fails ends it. */
  readonly commands: readonly Argv[];
  /** Null: the service's user. */
  readonly user: string | null;
  /** Time-out per command, in ms. */
  readonly timeoutMs: number;
  /** False: it has no network, not even loopback. */
  readonly network: boolean;
}

export type Argv = readonly string[];

/** When a service counts as healthy after a change, and what happens otherwise. */
export interface Health {
  /** How long the unit has to stay active without a restart, in ms. */
  readonly settleMs: number;
  readonly probes: readonly Probe[];
  /** `rollback`: to the last healthy commit. */
  readonly onFailure: "rollback" | "stay";
}

/** Probed every `intervalMs`; a good answer is needed within `deadlineMs`, and at the end of the stability window. */
export type Probe = ProbeKind & {
  readonly intervalMs: number;
  /** Time-out of one attempt, in ms. */
  readonly timeoutMs: number;
  readonly deadlineMs: number;
};

export type ProbeKind =
  /** `body`: a regular expression that has to match; null: any body. */
  | { readonly kind: "http"; readonly url: string; readonly status: number; readonly body: string | null }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** Runs as the service's user. */
  | { readonly kind: "command"; readonly argv: Argv }
  /** Another unit that has to be active. */
  | { readonly kind: "unit"; readonly unit: string };

/** The signatures that a commit needs. */
export interface Verify {
  /** `head`: only the commit to deploy. `all`: every commit since the deployed one. */
  readonly mode: "head" | "all";
  /** A file in the format of ssh-keygen(1), ALLOWED SIGNERS; at least one of the two files is set. */
  readonly allowedSigners: string | null;
  /** A file of OpenPGP public keys, as `gpg --export` writes them, armored or not. */
  readonly gpgKeyring: string | null;
}

/** What to do about drift in files, modes, owners and the unit. */
export interface Drift {
  readonly mode: "report" | "heal";
  readonly healsPerHour: number;
}

/** A key for the SSH listener; paths are as written in the config. */
export interface AccessKey {
  readonly path: string;
  readonly readOnly: boolean;
}

/** Access over HTTP; paths are as written in the config. */
export interface ApiSettings {
  /** Members of this group may read over the Unix socket; null: only root may use it. */
  readonly group: string | null;
  /** PEM files for HTTPS; both or neither. */
  readonly cert: string | null;
  readonly key: string | null;
  /** The CAs of client certificates; null: none. */
  readonly clientCa: string | null;
  readonly clients: readonly { readonly subject: string; readonly role: "read" | "operate" }[];
  /** Allows plain HTTP on any address, for reading. */
  readonly insecure: boolean;
  /** What users of this host other than root may do over plain HTTP on loopback without a token. */
  readonly loopback: "read" | "none";
}

export interface Settings {
  readonly services: readonly Service[];
  /** Every distinct `machine` of the config, in its order. */
  readonly machines: readonly string[];
  readonly keys: readonly AccessKey[];
  readonly windows: readonly Window[];
  readonly webhooks: readonly Webhook[];
  readonly api: ApiSettings;
  /** A larger store is rebuilt with only what is needed, in bytes. */
  readonly storeMaxBytes: number;
}

/** A service with all defaults. */
export const plainService = {
  package: null,
  action: null,
  actions: [],
  actionTimeoutMs: 5 * 60_000,
  intervalMs: null,
  fastForwardOnly: false,
  links: [],
  health: { settleMs: 10_000, probes: [], onFailure: "rollback" },
  check: null,
  verify: null,
  symlinksTo: [],
  readOnly: false,
  drift: { mode: "report", healsPerHour: 6 },
} as const satisfies Partial<Service>;

/** The default limit of a store's size, in bytes. */
export const storeMaxBytesDefault = 4 * 1024 ** 3;
