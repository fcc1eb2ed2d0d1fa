/** Recognises secrets in files, so that they do not get into a repository. Pure; every expression is linear. */

const privateKeys: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/, "a private key"],
  [/AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{20}/, "a private key of age"],
  [/^PuTTY-User-Key-File-/, "a private key of PuTTY"],
  [/^SSH PRIVATE KEY FILE FORMAT/, "a private key of SSH"],
];

/** From git and vendors' documents: tokens that are recognised by their shape. */
const tokens =
  /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|xox[abprs]-[A-Za-z0-9-]{10}|sk_live_[A-Za-z0-9]{16})|hooks\.slack\.com\/services\/T/;

/** crypt(5) and the forms of htpasswd(1) and LDAP. */
const hashes =
  /\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2i?d?|scrypt)\$[./A-Za-z0-9$=,+-]{12}|\{S?(?:SHA|MD5|CRYPT)(?:256|512)?\}\S/;
/** A line of an old htpasswd: a name, and 13 characters of crypt(5). */
const oldHtpasswd = /^[^:\s#]{1,64}:[./0-9A-Za-z]{13}$/;

const urlWithPassword = /[a-z]:\/\/[^\s/:@"'<>]{1,64}:([^\s/@"'<>]{1,128})@[\w[]/;
const authorization = /\b(?:Basic|Bearer) +[A-Za-z0-9+/_=.-]{16}/;

/** A word for a secret at the end of a key, a separator, and its value. */
const assignment =
  /(?:pass|passwd|password|passphrase|passwort|pwd|secret|token|credentials|(?:secret|api|auth|access|private|preshared|service|routing)[_-]?key)["']?\s{0,8}(?:=>|:=|[=:])\s{0,8}["']?([^\s"',;]{1,200})/i;
/** The same in configs whose directives have no separator, such as those of haproxy, redis and named. */
const directive =
  /^\s{0,64}(?:user\s{1,16}\S{1,64}\s{1,16})?[\w.-]{0,40}(?:password|passwd|secret|token|requirepass|masterauth)\s{1,16}["']?([^\s"',;=:][^\s"',;]{0,199})/i;

/** What stands where a secret could stand: a switch, a number, a variable, a path, where the secret comes from. */
const harmlessValue =
  /^(?:no|yes|on|off|true|false|none|null|nil|never|always|optional|required|requisite|sufficient|include|prompt|ask|\d{1,3}|[$%<{[/*@!&|(\\].*|\.{1,2}\/.*|~\/.*|(?:env|file|exec|hash|lmdb|pcre|regexp|static|texthash):.*|x{3,}|_+)$/i;

const comment = /^\s*(?:#|;|\/\/|--(?!-)|!|"|\*)/;
const linesMax = 200_000;

/** Files that are keys by their name, whatever is in them. */
const keyNames =
  /\.(?:p12|pfx|jks|keystore|keytab|kdbx)$|^(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.?htpasswd|\.netrc|\.pgpass|shadow-?|gshadow-?)$/i;

/** What a file has that should stay secret, in a few words; null: nothing that is recognised. */
export function secretIn(name: string, content: Buffer): string | null {
  if (keyNames.test(name)) return "it holds keys or passwords, by its name";
  const text = content.toString("latin1");
  for (const [pattern, what] of privateKeys) if (pattern.test(text)) return `it has ${what}`;
  if (content.subarray(0, 8_000).includes(0)) return null;
  const lines = text.split(/\r?\n/, linesMax);
  for (const [index, line] of lines.entries()) {
    const what = secretInLine(line);
    if (what !== null) return `line ${index + 1} has ${what}`;
  }
  return null;
}

const lineMaxChars = 4_000;

function secretInLine(whole: string): string | null {
  const line = whole.slice(0, lineMaxChars);
  if (comment.test(line)) return null;
  if (hashes.test(line) || oldHtpasswd.test(line)) return "the hash of a password";
  if (tokens.test(line) || authorization.test(line)) return "a token";
  if (isSecret(urlWithPassword.exec(line))) return "a URL with a password";
  return isSecret(assignment.exec(line)) || isSecret(directive.exec(line)) ? "a password or a key" : null;
}

function isSecret(found: RegExpExecArray | null): boolean {
  return found?.[1] !== undefined && !harmlessValue.test(found[1]);
}
