/** A tcp probe: somebody takes the connection. */
import { connect } from "node:net";
import { type Answer, bad, good, networkFailure } from "./answer.ts";

/** Nothing is sent; on abort the connection is closed at once, and the answer means nothing. */
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
    // More than one error must not be one that nobody hears.
    socket.on("error", (error) => end(bad(networkFailure(error))));
  });
}
