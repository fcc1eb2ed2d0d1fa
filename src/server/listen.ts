/** Starts and stops listening, with clear errors. */
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { parseAddress, renderAddress } from "./address.ts";

/** The daemon cannot listen on an address; the message is for people. */
export class ListenFailure extends Error {
  override readonly name = "ListenFailure";
}

const closeMs = 1_000;

/**
 * Listens on the address of a flag; returns `host:port` with the real port.
 * @throws ListenFailure
 */
export async function listen(
  server: Server,
  address: string,
  flag: string,
  log: (message: string, cause: unknown) => void,
): Promise<string> {
  const wanted = parseAddress(address);
  if (wanted === null)
    throw new ListenFailure(
      `Cannot listen on "${address}": it is not host:port; write ${flag} 127.0.0.1:8000`,
    );
  const { host, port } = wanted;
  server.listen({ port, ...(host !== null && { host }) });
  await once(server, "listening").catch((error) => {
    throw explain(error, address, flag);
  });
  // Such as too many open files: this connection is lost, and the server continues.
  server.on("error", (error) => log("cannot take a connection", error));
  const bound = server.address() as AddressInfo;
  return renderAddress(bound.address, bound.port);
}

/** Takes no new connections, lets replies finish, and closes all connections after one second. */
export function close(server: Server, closeConnections: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(closeConnections, closeMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use",
  EADDRNOTAVAIL: "it is not an address of this host",
  EACCES: "it needs root",
  ENOTFOUND: "there is no address for that name",
  EAI_AGAIN: "there is no address for that name",
};

function explain(error: NodeJS.ErrnoException, address: string, flag: string): ListenFailure {
  const why = reasons[error.code ?? ""] ?? error.message;
  return new ListenFailure(`Cannot listen on ${address}: ${why}; choose another with ${flag}`, {
    cause: error,
  });
}
