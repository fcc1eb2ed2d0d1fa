/** A systemd unit as `systemctl show` has it. */
export interface UnitSeen {
  /** Its own name, with a suffix: another than the one it was asked for by where that is an alias. */
  readonly id: string;
  /** `loaded`, `not-found`, `masked`, … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  /** `running`, `dead`, `auto-restart`, … */
  readonly sub: string;
  /** `success`, or how it failed: `exit-code`, `signal`, `timeout`, … */
  readonly result: string;
  /** systemd has yet to start, stop or reload it. */
  readonly queued: boolean;
  /** `simple`, `oneshot`, …; empty where it is not a service. */
  readonly type: string;
  /** `enabled`, `disabled`, `static`, … or empty. */
  readonly file: string;
  /** systemd has read an older unit file than the one on disk. */
  readonly needsDaemonReload: boolean;
  /** How its main process ended last: `status 1`, `SIGSEGV`; empty while it runs. */
  readonly ended: string;
  /** How often systemd has started it again by itself since somebody last did. */
  readonly restarts: number;
  /** Another unit starts it, such as its socket or timer. */
  readonly triggered: boolean;
  /** Other units that are loaded start it with them: at boot, a target that it is enabled in. */
  readonly wanted: boolean;
  /** The units that it starts, such as the service of a socket. */
  readonly triggers: readonly string[];
  /** `systemctl reload` works: the unit has ExecReload=. */
  readonly canReload: boolean;
  /** When its state changed last, to the second, a reload included; null: never since the boot. */
  readonly changedAt: Date | null;
  /** Since when it is active; null: it was not yet. */
  readonly activeAt: Date | null;
  /** The files that define it, and the one that a generator has made it from. */
  readonly files: readonly string[];
}
