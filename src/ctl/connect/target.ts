/** A host and a port. */
export interface Target {
  /** A name or an address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
}

/** `host:port`, as in a URL. */
export function renderTarget(target: Target): string {
  return `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
}
