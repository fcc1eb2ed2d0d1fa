/** The Unix socket's file: made so that never, not even for a moment, anyone else may connect. */
import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { basename, dirname, join } from "node:path";
import { ListenFailure } from "../listen.ts";

export interface SocketPlace {
  readonly path: string;
  /** The group whose members may connect; null: none. */
  readonly gid: number | null;
}

/** `sun_path` in unix(7), with its final NUL. */
const pathMaxBytes = 107;

/**
 * Listens there. The socket of a daemon that is no more is removed; node removes ours when it closes.
 * @throws ListenFailure
 */
export async function listenOnSocket(server: Server, { path, gid }: SocketPlace): Promise<void> {
  if (Buffer.byteLength(path) > pathMaxBytes)
    throw failure(path, `a socket's path has at most ${pathMaxBytes} bytes`);
  try {
    // Whatever our umask is, others have to get to the socket.
    if (mkdirSync(dirname(path), { recursive: true }) !== undefined) chmodSync(dirname(path), 0o755);
    // When it closes node removes what is at the path, to which a symlink may lead elsewhere by then.
    const real = join(realpathSync(dirname(path)), basename(path));
    await removeStale(real);
    await bind(server, real);
    if (gid !== null) {
      chownSync(real, -1, gid);
      chmodSync(real, 0o660);
    }
  } catch (error) {
    if (error instanceof ListenFailure) throw error;
    throw failure(path, error instanceof Error ? error.message : String(error), error);
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
    // EAGAIN is a full queue: somebody listens, and is busy.
    probe.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EAGAIN"));
    probe.on("connect", () => probe.destroy());
  });
}

/** Node binds before `listen` returns, so the umask is the socket's own. */
function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const before = process.umask(0o177);
    try {
      server.once("error", reject).listen(path, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

function failure(path: string, why: string, cause?: unknown): ListenFailure {
  return new ListenFailure(`Cannot listen on the socket ${path}: ${why}; choose another with --socket`, {
    cause,
  });
}
