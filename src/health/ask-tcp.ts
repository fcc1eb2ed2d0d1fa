/** A TCP probe: the connection has to be accepted. */
import { once } from "node:events";
import { connect } from "node:net";
import { type Answer, bad, good, networkFailure } from "./answer.ts";

/** Sends nothing. On abort the connection is closed at once, and the answer is meaningless. */
export async function askTcp(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Answer> {
  const socket = connect({ host, port, signal });
  try {
    await once(socket, "connect");
    return good;
  } catch (error) {
    return bad(networkFailure(error));
  } finally {
    socket.destroy();
  }
}
