/** A systemd unit as `systemctl show` has it. */
export interface UnitSeen {
  /** Its own name with suffix, which differs from the requested one for an alias. */
  readonly id: string;
  /** `loaded`, `not-found`, `masked`, … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  /** `running`, `dead`, `auto-restart`, … */
  readonly sub: string;
  /** `success`, or how it failed: `exit-code`, `signal`, `timeout`, … */
  readonly result: string;
  /** A job for it is pending: start, stop or reload. */
  readonly queued: boolean;
  /** `simple`, `oneshot`, …; empty: not a service. */
  readonly type: string;
  /** `enabled`, `disabled`, `static`, … or empty. */
  readonly file: string;
  /** The unit file on disk is newer than the one that systemd has loaded. */
  readonly needsDaemonReload: boolean;
  /** How its main process last ended: `status 1`, `SIGSEGV`; empty while it runs. */
  readonly ended: string;
  /** How often systemd has restarted it since the last start by another cause. */
  readonly restarts: number;
  /** Another unit triggers it, such as its socket or timer. */
  readonly triggered: boolean;
  /** Other loaded units start it with them, such as a target at boot. */
  readonly wanted: boolean;
  /** The units that it triggers, such as the service of a socket. */
  readonly triggers: readonly string[];
  /** `systemctl reload` works: the unit has ExecReload=. */
  readonly canReload: boolean;
  /** When its state last changed, in whole seconds, reloads included; null: never since the boot. */
  readonly changedAt: Date | null;
  /** Since when it is active; null: never. */
  readonly activeAt: Date | null;
  /** The files that define it, and the input file of its generator. */
  readonly files: readonly string[];
}
