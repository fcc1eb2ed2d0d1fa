/** The user name and token for an upstream over https: tried first, then kept where git finds them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StartFailure } from "../../daemon/setup.ts";
import { messageOf } from "../../model/text/error-message.ts";
import { writeFileAtomic } from "../../platform/files/write-whole.ts";
import type { InitFlags } from "../options.ts";
import type { Person } from "../person.ts";
import { type Login, parseLoginPart, withLogin } from "./netrc.ts";

type LoginFlags = Pick<InitFlags, "tokenFile" | "tokenUser">;

const defaultUser = "git";
const tokenMaxBytes = 4096;

/** From the flags, or from the person. @throws StartFailure */
export async function obtainLogin(
  upstream: string,
  flags: LoginFlags,
  person: Person | null,
): Promise<Login> {
  const { hostname: host } = new URL(upstream);
  const user =
    flags.tokenUser ?? (flags.tokenFile === null && person ? await askUser(host, person) : defaultUser);
  return { host, user: checked("--token-user", user), secret: await obtainSecret(host, flags, person) };
}

function askUser(host: string, person: Person): Promise<string> {
  const message = `User name for ${host} (with most forges any will do for a token)`;
  return person.ask({ message, fallback: defaultUser, parse: parseLoginPart });
}

async function obtainSecret(host: string, { tokenFile }: LoginFlags, person: Person | null): Promise<string> {
  if (tokenFile !== null) return checked(`The first line of ${tokenFile}`, readToken(tokenFile));
  if (person === null)
    throw new StartFailure([
      `${host} wants a login: give --token-file <file>, with a token that may only read`,
    ]);
  const message = `Token or password for ${host} (read only is enough; it is not shown)`;
  return (await person.askSecret({ message, parse: parseLoginPart })).trim();
}

function checked(what: string, text: string): string {
  const parsed = parseLoginPart(text);
  if (parsed.ok) return parsed.value;
  throw new StartFailure([`${what} ${parsed.why}`]);
}

function readToken(file: string): string {
  try {
    return (readFileSync(file, "utf8").slice(0, tokenMaxBytes).split("\n", 1)[0] ?? "").trim();
  } catch (error) {
    throw new StartFailure([`Cannot read the token: ${messageOf(error)}`], { cause: error });
  }
}

/** The upstream with the login in it, for a try. */
export function withUserPart(upstream: string, { user, secret }: Login): string {
  const at = upstream.indexOf("://") + "://".length;
  return `${upstream.slice(0, at)}${encodeURIComponent(user)}:${encodeURIComponent(secret)}@${upstream.slice(at)}`;
}

/** Keeps it in `~/.netrc`, for its owner only. Returns the file. @throws StartFailure */
export function keepLogin(login: Login, home: string): string {
  const file = join(home, ".netrc");
  const text = withLogin(existsSync(file) ? readFileSync(file, "utf8") : "", login);
  if (text === null)
    throw new StartFailure([
      `${file} has an entry for ${login.host} already: correct it there, or remove it`,
    ]);
  writeFileAtomic(file, text, 0o600);
  return file;
}
