/** Arguments and options that several commands take. */

import type { Argument, Given, Look, Option } from "../definition.ts";
import { Failure } from "../failure.ts";
import { renderWhen } from "../time.ts";

export const oneService: Argument = { name: "service", offer: "services" };
export const maybeService: Argument = { name: "service", optional: true, offer: "services" };
export const maybeCommit: Argument = { name: "commit", optional: true };

export const reasonOption: Option = {
  long: "reason",
  value: "text",
  help: "why, for those who look at it later",
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

/** The service of the command line; commander has seen to it that there is one. */
export function serviceOf({ arguments: { service } }: Given): string {
  if (service === undefined) throw new Failure("no service is given");
  return service;
}

/** The value of an option; null: it is not given. */
export function textOf({ options }: Given, name: string): string | null {
  const value = options[name];
  return typeof value === "string" ? value : null;
}

/** `?to=…`, where the command line has a commit. */
export function toCommit({ arguments: { commit } }: Given): string {
  return commit === undefined ? "" : `?to=${encodeURIComponent(commit)}`;
}

const freshForMs = 60_000;

/** How old what is known of upstream is, where that may matter. */
export function seenOf({ asOf }: { readonly asOf?: string | undefined }, look: Look): string {
  if (asOf === undefined || look.now.getTime() - Date.parse(asOf) < freshForMs) return "";
  return `upstream as of ${renderWhen(asOf, look)}`;
}

export function noteOf(reply: Parameters<typeof seenOf>[0], look: Look): { readonly note?: string } {
  const note = seenOf(reply, look);
  return note === "" ? {} : { note };
}
