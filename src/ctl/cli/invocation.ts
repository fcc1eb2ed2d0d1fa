/** A parsed command line. */
import type { Named } from "../hosts/named.ts";
import type { Globals } from "./global-options.ts";
import type { FoundCommand } from "./program.ts";

export interface Invocation extends FoundCommand {
  /** As written; a name may be a group's. */
  readonly hosts: readonly Named[];
  readonly globals: Globals;
}

/** A command to run, or a text to show with an exit status. */
export type Parsed =
  | { readonly run: Invocation }
  | { readonly show: string; readonly on: "stdout" | "stderr"; readonly status: number };
