/** Maintenance windows, as in the config. */

export interface Window {
  /** For people; null: no name. */
  readonly name: string | null;
  /** `allow`: commits are deployed only inside. `deny`: never inside, even if another window allows it. */
  readonly kind: "allow" | "deny";
  /** When it begins: a cron expression with five fields, crontab(5). */
  readonly start: string;
  readonly durationMs: number;
  /** The IANA time zone of `start`. */
  readonly timezone: string;
  /** Null: all services of the config. */
  readonly services: readonly string[] | null;
}

/** Whether the window applies to the service. */
export function concerns({ services }: Window, service: string): boolean {
  return services === null || services.includes(service);
}
