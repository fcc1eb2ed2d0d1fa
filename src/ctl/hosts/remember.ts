/** Remembers which way to a host worked, in the client's config. */
import { parse } from "smol-toml";
import type { Via } from "./config-file.ts";
import { type Named, renderNamed } from "./named.ts";

export interface Remembered {
  readonly named: Named;
  readonly via: Via;
  readonly identity: string | null;
}

/** The text of the config with a block for the host behind what is there; null: it has one already, or takes none. */
export function withHost(text: string, { named, via, identity }: Remembered): string | null {
  const name = /^[\w-]+$/.test(named.host) ? named.host : JSON.stringify(named.host);
  const lines = [
    `[hosts.${name}]`,
    ...(named.port === null ? [] : [`address = ${JSON.stringify(renderNamed(named))}`]),
    `via = "${via}"`,
    ...(identity === null ? [] : [`identity = ${JSON.stringify(identity)}`]),
  ];
  const space = text === "" ? "" : text.endsWith("\n") ? "\n" : "\n\n";
  const longer = `${text}${space}${lines.join("\n")}\n`;
  return isToml(longer) ? longer : null;
}

/** A table that is there already, or whose parent is closed (`hosts = {}`), makes it no TOML. */
function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
