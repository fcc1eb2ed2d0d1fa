/** Arguments and options of several commands. */
import type { DiffReply } from "../../api/shapes.ts";
import type { Argument, CommandInput, Display, Option } from "../cli/definition.ts";
import { Failure } from "../failure.ts";
import { renderWhen } from "../output/time.ts";
import { visible } from "../output/visible.ts";

export const oneService: Argument = { name: "service", offer: "services" };
export const maybeService: Argument = { name: "service", optional: true, offer: "services" };
export const maybeCommit: Argument = { name: "commit", optional: true };

export const reasonOption: Option = {
  long: "reason",
  value: "text",
  help: "the reason, for the history and the audit trail",
  check: (text) =>
    text.length > 200 || /\p{Cc}/u.test(text) ? "it has to be one line of up to 200 characters" : null,
};

const limitMax = 500;

export function limitOption(what: string, most: string): Option {
  return {
    long: "limit",
    short: "n",
    value: "n",
    help: `how many ${what} at most (default ${most})`,
    check: (text) =>
      /^[1-9]\d{0,2}$/.test(text) && Number(text) <= limitMax
        ? null
        : `it has to be a number from 1 to ${limitMax}`,
  };
}

/** The service argument; commander guarantees that it is present. */
export function serviceOf({ arguments: { service } }: CommandInput): string {
  if (service === undefined) throw new Failure("no service is given");
  return service;
}

/** The value of an option; null: not set. */
export function textOf({ options }: CommandInput, name: string): string | null {
  const value = options[name];
  return typeof value === "string" ? value : null;
}

/** `?to=…`, if the command line has a commit. */
export function toCommit({ arguments: { commit } }: CommandInput): string {
  return commit === undefined ? "" : `?to=${encodeURIComponent(commit)}`;
}

const freshForMs = 5_000;

/** How old the state of upstream is, and why there is nothing newer, when that matters. */
export function seenOf({ asOf, stale }: Pick<DiffReply, "asOf" | "stale">, display: Display): string {
  const isFresh = asOf !== undefined && display.now.getTime() - Date.parse(asOf) < freshForMs;
  if (stale === undefined && (isFresh || asOf === undefined)) return "";
  const age = asOf === undefined ? "before gitopper's start" : renderWhen(asOf, display);
  const why = stale === undefined ? "" : `; it cannot be asked now: ${visible(stale)}`;
  return `upstream as of ${age}${why}`;
}
