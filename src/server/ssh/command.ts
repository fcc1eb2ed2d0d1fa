/** Parses an SSH command into a request to the route table; pure. */

export interface SshRequest {
  readonly method: string;
  readonly target: string;
  readonly lastEventId: string | null;
  /** Read stdin for a JSON body. */
  readonly takesBody: boolean;
  /** Write the problem of a refusal to stdout, for programs. */
  readonly writesProblem: boolean;
}

const commandMaxChars = 4096;

/** The reply to any other command. */
export const usage =
  'This is gitopper: give it a command, such as "/list/service", "/do/pull nginx" or "GET /api/v1/services"';

/**
 * The original's commands (`/list/service nginx`, `/do/rollback nginx 1a2b3c4d`), also with the words of its REST routes
 * (`/list/services`, `/state/freeze nginx`), and any route (`GET /api/v1/events Last-Event-ID=42`). Null: not a command.
 */
export function parseSshCommand(text: string): SshRequest | null {
  if (text.length > commandMaxChars) return null;
  const words = text.trim().split(/\s+/);
  return parseRoute(words) ?? parseOriginal(words);
}

function parseRoute([first = "", target = "", third, ...more]: readonly string[]): SshRequest | null {
  const method = first.toUpperCase();
  if (!["GET", "POST", "DELETE"].includes(method) || !target.startsWith("/") || more.length > 0) return null;
  const lastEventId = third === undefined ? null : (/^last-event-id=(.+)$/i.exec(third)?.[1] ?? "");
  if (lastEventId === "") return null;
  return { method, target, lastEventId, takesBody: method !== "GET", writesProblem: true };
}

/** Command → method, path before the arguments, fewest and most arguments. */
const originals: Readonly<Record<string, readonly [string, string, number, number]>> = {
  "/list/machine": ["GET", "/list/machine", 0, 0],
  "/list/machines": ["GET", "/list/machines", 0, 0],
  "/list/service": ["GET", "/list/service", 0, 1],
  "/list/services": ["GET", "/list/services", 0, 0],
  ...Object.fromEntries(
    ["do", "state"].flatMap((group) => [
      [`/${group}/freeze`, ["POST", "/state/freeze", 1, 1]],
      [`/${group}/unfreeze`, ["POST", "/state/unfreeze", 1, 1]],
      [`/${group}/rollback`, ["POST", "/state/rollback", 2, 2]],
      [`/${group}/pull`, ["POST", "/state/pull", 1, 1]],
    ]),
  ),
};

function parseOriginal([command = "", ...words]: readonly string[]): SshRequest | null {
  const original = Object.hasOwn(originals, command) ? originals[command] : undefined;
  if (original === undefined) return null;
  const [method, path, least, most] = original;
  if (words.length < least || words.length > most) return null;
  const target = [path, ...words.map(encodeURIComponent)].join("/");
  return { method, target, lastEventId: null, takesBody: false, writesProblem: false };
}
