/** A parsed command line. */
import type { Named } from "../hosts/named.ts";
import type { Command, CommandInput } from "./definition.ts";
import type { Globals } from "./global-options.ts";

export interface Invocation {
  readonly command: Command;
  readonly input: CommandInput;
  /** As written; a name may be a group's. */
  readonly hosts: readonly Named[];
  readonly globals: Globals;
}

/** A command to run, or a text to show with an exit status. */
export type Parsed =
  | { readonly run: Invocation }
  | { readonly show: string; readonly on: "stdout" | "stderr"; readonly status: number };
