/** Creates the Unix socket with the right mode from the start: no other user can connect, not even for a moment. */
import { once } from "node:events";
import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../model/text/error-message.ts";
import { ListenFailure } from "../listen.ts";

export interface SocketEndpoint {
  readonly path: string;
  /** The group whose members may connect; null: none. */
  readonly gid: number | null;
}

/** `sun_path` in unix(7), with its final NUL. */
const pathMaxBytes = 107;

/**
 * Listens on the socket. A stale socket is removed first; node removes ours when the server closes.
 * @throws ListenFailure
 */
export async function listenOnSocket(server: Server, { path, gid }: SocketEndpoint): Promise<void> {
  if (Buffer.byteLength(path) > pathMaxBytes)
    throw failure(path, `a socket's path has at most ${pathMaxBytes} bytes`);
  try {
    // Other users have to reach the socket, whatever our umask is.
    if (mkdirSync(dirname(path), { recursive: true }) !== undefined) chmodSync(dirname(path), 0o755);
    // At close, node removes the file at this path; a real path cannot be redirected by a symlink until then.
    const real = join(realpathSync(dirname(path)), basename(path));
    await removeStale(real);
    await bind(server, real);
    if (gid !== null) {
      chownSync(real, -1, gid);
      chmodSync(real, 0o660);
    }
  } catch (error) {
    if (error instanceof ListenFailure) throw error;
    throw failure(path, messageOf(error), error);
  }
}

async function removeStale(path: string): Promise<void> {
  const seen = lstatSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return;
  if (!seen.isSocket()) throw failure(path, "there is something else of that name");
  if (await isAnswered(path)) throw failure(path, "another gitopper listens there");
  rmSync(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => resolve(true));
    // EAGAIN means a full queue: another process listens, and is busy.
    probe.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EAGAIN"));
    probe.on("connect", () => probe.destroy());
  });
}

/** Node binds before `listen` returns, so the umask is the socket's own. */
async function bind(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await once(server, "listening");
}

function failure(path: string, why: string, cause?: unknown): ListenFailure {
  return new ListenFailure(`Cannot listen on the socket ${path}: ${why}; choose another with --socket`, {
    cause,
  });
}
