/** A TCP probe: the connection has to be accepted. */
import { connect } from "node:net";
import { type Answer, bad, good, networkFailure } from "./answer.ts";

/** Sends nothing. On abort the connection is closed at once, and the answer is meaningless. */
export function askTcp(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: Answer) => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(answer);
    };
    const stop = () => end(bad("was not asked to the end"));
    signal.addEventListener("abort", stop, { once: true });
    socket.once("connect", () => end(good));
    // A second error must not be an unhandled one.
    socket.on("error", (error) => end(bad(networkFailure(error))));
  });
}
