/** Logins in `~/.netrc`, from which git takes them over http and https. Pure. */
import { accept, type Parsed, refuse } from "../../config/fields/values/parsed.ts";

export interface Login {
  readonly host: string;
  readonly user: string;
  readonly secret: string;
}

const textMaxChars = 1024;

/** A user name or a secret: curl would read other characters as quotes, comments or separators. */
export function parseLoginPart(text: string): Parsed<string> {
  if (text === "") return refuse("is empty");
  if (text.length > textMaxChars) return refuse(`is longer than ${textMaxChars} characters`);
  if (!/^[!-~]+$/.test(text))
    return refuse("has a space, or a character that is not ASCII; netrc(5) cannot hold it");
  if (/["\\]|^#/.test(text)) return refuse('has a " or \\, or starts with #; netrc(5) cannot hold it');
  return accept(text);
}

/** The file with this login; null: it has one for the host that was written in another form, and is left alone. */
export function withLogin(text: string, { host, user, secret }: Login): string | null {
  const line = `machine ${host} login ${user} password ${secret}`;
  const lines = text.split("\n");
  const own = lines.findIndex((each) => isPlainEntry(each, host));
  if (own >= 0) return lines.with(own, line).join("\n");
  if (mentions(text, host)) return null;
  // What follows "default" is never read.
  return `${line}\n${text}`;
}

function isPlainEntry(line: string, host: string): boolean {
  const [machine, name, login, , password, , ...rest] = line.trim().split(/\s+/);
  return (
    machine === "machine" &&
    name === host &&
    login === "login" &&
    password === "password" &&
    rest.length === 0
  );
}

function mentions(text: string, host: string): boolean {
  const words = text.split(/\s+/);
  return words.some((word, index) => word === "machine" && words[index + 1] === host);
}
