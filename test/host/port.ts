/** TCP ports: all hosts and all test processes share one loopback. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** 10,080 is below: fetch refuses it as a "bad port", whoever listens there (Fetch standard, port blocking). */
const [first, last] = [10_100, 29_999];

/** Where a port is claimed for as long as its process lives; nothing else uses this address of loopback. */
const claims = "127.0.0.77";

/**
 * A port on loopback that nothing listens on and no other test process has been given: `preferred` if that can be
 * had, else one below the range that the kernel takes for outgoing connections.
 */
export async function freePort(preferred?: number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const random = first + Math.floor(Math.random() * (last - first + 1));
    const port = tries === 0 ? (preferred ?? random) : random;
    if ((await claim(port)) && (await isFree(port))) return port;
  }
  throw new Error("Cannot find a free port on 127.0.0.1");
}

/** A bound UDP socket reserves the port for this process, however it ends. */
async function claim(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  socket.unref();
  socket.bind({ port, address: claims, exclusive: true });
  return await succeeds(once(socket, "listening"));
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  if (!(await succeeds(once(server, "listening")))) return false;
  server.close();
  await once(server, "close");
  return true;
}

async function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return await attempt.then(
    () => true,
    () => false,
  );
}
