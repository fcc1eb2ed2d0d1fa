/** Maintenance windows, as the config has them. */

export interface Window {
  /** For people; null: it has none. */
  readonly name: string | null;
  /** `allow`: commits go in only then. `deny`: never then, whatever allows it. */
  readonly kind: "allow" | "deny";
  /** When it begins: a cron expression of five fields, crontab(5). */
  readonly start: string;
  readonly durationMs: number;
  /** An IANA name; the times of `start` are of there. */
  readonly timezone: string;
  /** Null: all services of the config. */
  readonly services: readonly string[] | null;
}

/** Whether the window has anything to say about the service. */
export function concerns({ services }: Window, service: string): boolean {
  return services === null || services.includes(service);
}
