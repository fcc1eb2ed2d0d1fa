/** The options of every command. */
import { textOf } from "../commands/arguments.ts";
import { vias } from "../hosts/config-file.ts";
import type { TransportFlags } from "../hosts/resolve.ts";
import { parseSpan } from "../output/time.ts";
import type { CommandInput, Option } from "./definition.ts";

export interface Globals {
  readonly json: boolean;
  readonly absolute: boolean;
  readonly colour: "always" | "never" | "auto";
  readonly timeoutMs: number;
  readonly flags: TransportFlags;
}

const whens = ["always", "never", "auto"] as const;
const defaultTimeoutMs = 10_000;

export const globalOptions: readonly Option[] = [
  { long: "machine-readable", short: "m", help: "print the JSON answer instead of a table" },
  { long: "json", help: "the same as --machine-readable" },
  {
    long: "identity",
    short: "i",
    value: "file",
    help: "connect over ssh with this private key",
    offer: "files",
  },
  { long: "token", value: "token", help: "connect over https with this token" },
  { long: "via", value: "transport", help: "connect over this transport", offer: vias },
  spanOption("timeout", "how long to wait for each answer of a host (default 10s)"),
  { long: "absolute", help: "show times instead of ages" },
  { long: "color", value: "when", help: "when to use colours (default auto: on a terminal)", offer: whens },
];

/** An option that takes a duration. */
export function spanOption(long: string, help: string): Option {
  return { long, value: "time", help, check: checkSpan };
}

/** Checks options that take a duration. */
export function checkSpan(text: string): string | null {
  return parseSpan(text) === null ? "it has to be a time such as 30s, 10m, 2h or 90d" : null;
}

export function readGlobals(input: CommandInput): Globals {
  const { options } = input;
  const text = (name: string) => textOf(input, name);
  return {
    json: options.json === true || options.machineReadable === true,
    absolute: options.absolute === true,
    colour: whens.find((when) => when === text("color")) ?? "auto",
    timeoutMs: parseSpan(text("timeout") ?? "") ?? defaultTimeoutMs,
    flags: {
      via: vias.find((via) => via === text("via")) ?? null,
      identity: text("identity"),
      token: text("token"),
    },
  };
}
