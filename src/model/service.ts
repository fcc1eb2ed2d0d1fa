/** What a host knows about its services after the config has been read: all defaults filled, all checked. */
import type { AbsPath, RepoPath } from "./path.ts";
import type { Webhook } from "./webhook.ts";
import type { Window } from "./window.ts";

/** One bind mount: `link` in the repository is seen at `local` on the host. */
export interface Link {
  /** Null: the link is checked out and watched, but mounted nowhere (gitopper's own service). */
  readonly local: AbsPath | null;
  /** A path relative to the repository's root; `.` is the whole repository. */
  readonly link: RepoPath;
  readonly file: boolean;
  /** Only where the config says something of them. */
  readonly access?: LinkAccess;
}

/** Who may read what is at a link. */
export interface LinkAccess {
  /** Of plain files, without execute bits; null: as git has them. */
  readonly mode: number | null;
  /** Null: that of the service's user. */
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
  /** How long a verb may take. */
  readonly actionTimeoutMs: number;
  /** How often new commits are looked for; null: as often as the daemon's option says. */
  readonly intervalMs: number | null;
  readonly fastForwardOnly: boolean;
  readonly links: readonly Link[];
  readonly health: Health;
  /** Null: a commit goes in unchecked, but for its unit files. */
  readonly check: Check | null;
  /** Null: signatures are not asked for. */
  readonly verify: Verify | null;
  /** Where symlinks of the repository may lead to, besides the service's own links. */
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

/** What has to end with status 0 before a commit is published. */
export interface Check {
  /** One after another; the first that fails ends it. */
  readonly commands: readonly Argv[];
  /** Null: the service's user. */
  readonly user: string | null;
  /** For each command. */
  readonly timeoutMs: number;
  /** False: it has no network, not even loopback. */
  readonly network: boolean;
}

export type Argv = readonly string[];

/** When a service is well after a change, and what happens when it is not. */
export interface Health {
  /** For so long its unit has to stay active, without a restart. */
  readonly settleMs: number;
  readonly probes: readonly Probe[];
  /** `rollback`: to the last commit that was well. */
  readonly onFailure: "rollback" | "stay";
}

/** Asked every `intervalMs`; it has to answer well before `deadlineMs` have passed, and at the end of the settling. */
export type Probe = ProbeKind & {
  readonly intervalMs: number;
  /** For one try. */
  readonly timeoutMs: number;
  readonly deadlineMs: number;
};

export type ProbeKind =
  /** `body`: a regular expression that has to match; null: any body will do. */
  | { readonly kind: "http"; readonly url: string; readonly status: number; readonly body: string | null }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** As the service's user. */
  | { readonly kind: "command"; readonly argv: Argv }
  /** Another unit that has to be active. */
  | { readonly kind: "unit"; readonly unit: string };

/** Whose signature a commit needs. */
export interface Verify {
  /** `head`: the commit that goes in. `all`: every commit since the one that is deployed. */
  readonly mode: "head" | "all";
  /** A file as ssh-keygen(1) has it under ALLOWED SIGNERS; at least one of the two is there. */
  readonly allowedSigners: string | null;
  /** A file of OpenPGP public keys, as `gpg --export` writes them, armored or not. */
  readonly gpgKeyring: string | null;
}

/** What is done about drift in files, modes, owners and the unit. */
export interface Drift {
  readonly mode: "report" | "heal";
  readonly healsPerHour: number;
}

/** A key that may use the SSH door; paths are as written in the config. */
export interface AccessKey {
  readonly path: string;
  readonly readOnly: boolean;
}

/** What users of the host other than root may do over plain HTTP on loopback without a token. */
export type Loopback = "read" | "none";

/** Who may come in over HTTP, and how; paths are as written in the config. */
export interface ApiSettings {
  /** Members of this group read through the Unix socket; null: root alone uses it. */
  readonly group: string | null;
  /** PEM files for HTTPS; both or neither. */
  readonly cert: string | null;
  readonly key: string | null;
  /** The CAs of client certificates; null: there are none. */
  readonly clientCa: string | null;
  readonly clients: readonly { readonly subject: string; readonly role: "read" | "operate" }[];
  /** Plain HTTP on any address, for reading. */
  readonly insecure: boolean;
  readonly loopback: Loopback;
}

export interface Settings {
  readonly services: readonly Service[];
  /** Every distinct `machine` of the config, in its order. */
  readonly machines: readonly string[];
  readonly keys: readonly AccessKey[];
  readonly windows: readonly Window[];
  readonly webhooks: readonly Webhook[];
  readonly api: ApiSettings;
  /** A store that is larger is made anew with what is needed. */
  readonly storeMaxBytes: number;
}

/** What a service is like whose config says nothing of all this. */
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

/** The size of a store that nothing is said about. */
export const storeMaxBytesDefault = 4 * 1024 ** 3;
