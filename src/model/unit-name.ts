/** Names of units, and the message for a unit that cannot reload (CanReload= of systemd). */

/** What is wrong, and what would be right. */
export interface Advice {
  readonly what: string;
  readonly remedy: string;
}

/** `app.service cannot reload (it has no ExecReload=)`, and what would be right. */
export function cannotReload(unit: string): Advice {
  const name = fullName(unit);
  if (!name.endsWith(".service"))
    return {
      what: `${name} cannot reload (only services with ExecReload= can)`,
      remedy: 'set action = "restart"',
    };
  const remedy = 'set action = "restart" or "reload-or-restart", or add ExecReload= to the unit';
  return { what: `${name} cannot reload (it has no ExecReload=)`, remedy };
}

export function renderAdvice({ what, remedy }: Advice): string {
  return `${what}: ${remedy}`;
}

/** `app` is short for `app.service`, as for systemctl(1). */
export function fullName(unit: string): string {
  return unitTypes.test(unit) ? unit : `${unit}.service`;
}

/** The types of units, systemd.unit(5). */
const unitTypes = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;
