/** A command line that has been understood. */

import type { Named } from "../hosts/named.ts";
import type { CommandDefinition, CommandInput } from "./definition.ts";
import type { Globals } from "./global-options.ts";

export interface Invocation {
  readonly command: CommandDefinition;
  readonly input: CommandInput;
  /** As written; a name may be a group's. */
  readonly hosts: readonly Named[];
  readonly globals: Globals;
}

/** A command line is a command to run, or a text to show and leave with a status. */
export type Parsed =
  | { readonly run: Invocation }
  | { readonly show: string; readonly on: "stdout" | "stderr"; readonly status: number };
