/** Parses names for other programs: git's branch, systemd's unit and verb, user, package. */
import { quote } from "../../errors/finding.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { accept, oneOf, type Parsed, refuse } from "./parsed.ts";

/** git-check-ref-format(1); a leading "-" is git-branch(1)'s. */
const branchFaults: readonly (readonly [RegExp, string])[] = [
  [/^-/, 'starts with "-"'],
  [/\.\./, 'has ".."'],
  [/[\p{Cc}\s~^:?*[\\]/u, "has a space or one of ~ ^ : ? * [ \\"],
  [/@\{|^@$/, 'has "@{" or is "@"'],
  [/^\/|\/$|\/\//, 'has a "/" too many'],
  [/(^|\/)\./, 'has a part that starts with "."'],
  [/\.$/, 'ends with "."'],
  [/\.lock(\/|$)/, 'has a part that ends with ".lock"'],
];

/** A valid branch name. */
export function parseBranch(text: string): Parsed<string> {
  const fault = branchFaults.find(([pattern]) => pattern.test(text))?.[1];
  return fault ? refuse(`${quote(text)} ${fault}; use a branch's name, such as "main"`) : accept(text);
}

const unitMaxChars = 255;

/** A unit name, systemd.unit(5); it is the last part of the checkout's path too. */
export function parseUnitName(text: string): Parsed<string> {
  const example = 'use the name of a systemd unit, such as "grafana-server"';
  if (/^[-.@]/.test(text)) return refuse(`${quote(text)} starts with "${text[0]}"; ${example}`);
  if (!/^[A-Za-z0-9:_.\\@-]+$/.test(text))
    return refuse(`${quote(text)} has other characters than A-Z a-z 0-9 : _ . \\ @ -; ${example}`);
  if (/@(\.[a-z]+)?$/.test(text))
    return refuse(`${quote(text)} is a template without an instance; name one, such as "app@1"`);
  if (text.length > unitMaxChars)
    return refuse(`is longer than the ${unitMaxChars} characters of a unit's name; shorten it`);
  return accept(text);
}

/** The verbs of systemctl(1) that make a unit use new files; none of them leaves a running unit stopped. */
const actions: readonly string[] = [
  "reload",
  "restart",
  "start",
  "try-restart",
  "reload-or-restart",
  "try-reload-or-restart",
];

/** A verb of `actions`. */
export const parseAction = oneOf(actions, (quoted, text) => {
  const remedy = didYouMean(text, actions, `use one of ${actions.join(", ")}`);
  return `${quoted} is not an action for a changed service; ${remedy}`;
});

/** A user name; does not check whether the user exists. */
export function parseUser(text: string): Parsed<string> {
  const fine = /^[^-\s:/][^\s:/]*$/.test(text);
  return fine ? accept(text) : refuse(`${quote(text)} is not a user's name; use one such as "grafana"`);
}

/** A parser of group names; `exists` is called when the host has to have the group. */
export function groupThat(exists: (name: string) => boolean): (text: string) => Parsed<string> {
  return (text) => {
    if (!/^[^-\s:/][^\s:/]*$/.test(text))
      return refuse(`${quote(text)} is not a group's name; use one such as "adm"`);
    if (exists(text)) return accept(text);
    return refuse(`there is no group ${quote(text)} on this host; create it or name another`);
  };
}

/** A package name without a version: packages are installed, never changed. */
export function parsePackage(text: string): Parsed<string> {
  const fine = /^[A-Za-z0-9_][A-Za-z0-9+._:@~-]*$/.test(text);
  const why = `${quote(text)} is not a package's name; use one without a version, such as "grafana"`;
  return fine ? accept(text) : refuse(why);
}
