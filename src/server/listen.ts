/** Starts and ends listening, with errors that people understand. */
import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { parseAddress, renderAddress } from "./address.ts";

/** An address cannot be listened on; the message is for people. */
export class ListenFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ListenFailure";
  }
}

const closeMs = 1_000;

/**
 * Listens on an address that came with a flag; gives the real one.
 * @throws ListenFailure
 */
export async function listen(
  server: Server,
  address: string,
  flag: string,
  log: (message: string, cause: unknown) => void,
): Promise<string> {
  const wanted = parseAddress(address);
  if (wanted === null) {
    throw new ListenFailure(
      `Cannot listen on "${address}": it is not host:port; write ${flag} 127.0.0.1:8000`,
    );
  }
  const { host, port } = wanted;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, address, flag)));
    server.listen({ port, ...(host !== null && { host }) }, resolve);
  });
  // Such as too many open files: the connection is lost, the server goes on.
  server.removeAllListeners("error").on("error", (error) => log("cannot take a connection", error));
  const bound = server.address() as AddressInfo;
  return renderAddress(bound.address, bound.port);
}

/** Takes no new connections, lets replies finish, and hangs up on everyone after a second. */
export function close(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeMs);
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
