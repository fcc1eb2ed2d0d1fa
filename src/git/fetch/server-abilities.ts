/** What the server of an upstream supports, from the capabilities that it sends with its refs. */
import type { Git } from "../git.ts";
import type { Store } from "../types.ts";

/** Makes git print the packets of both sides to stderr (git(1), GIT_TRACE_PACKET). */
const showPackets = { GIT_TRACE_PACKET: "1" };

/** Whether the server filters files out of a fetch and serves each of them by its id. @throws ExecFailure */
export async function servesSingleFiles(
  store: Store,
  git: Git,
  { signal, env = {} }: { readonly signal: AbortSignal; readonly env?: Readonly<Record<string, string>> },
): Promise<boolean> {
  const { stderr } = await git(store, ["ls-remote", "--quiet", "origin", "HEAD"], {
    network: "transfer",
    signal,
    env: { ...showPackets, ...env },
  });
  return parseServesSingleFiles(stderr);
}

/** How `uploadpack.allowAnySHA1InWant` is advertised. */
const anyObject = ["allow-tip-sha1-in-want", "allow-reachable-sha1-in-want"];

/**
 * Protocol 2 serves every object by its id; older protocols list what they allow in their first line.
 * See gitprotocol-v2(5) and gitprotocol-capabilities(5). A dumb server advertises nothing.
 */
export function parseServesSingleFiles(trace: string): boolean {
  const said = trace.split("\n").flatMap((line) => receivedIn(line) ?? []);
  const isVersion2 = said.includes("version 2");
  const words = said.flatMap((line) => {
    if (isVersion2) return line.startsWith("fetch=") ? line.slice("fetch=".length).split(" ") : [];
    const capabilitiesAt = line.indexOf("\\0");
    return capabilitiesAt < 0 ? [] : line.slice(capabilitiesAt + 2).split(" ");
  });
  return words.includes("filter") && (isVersion2 || anyObject.every((word) => words.includes(word)));
}

const mark = "packet:";

/** What a line of the trace has received: the text after `packet:`, the program's name and `< `. */
function receivedIn(line: string): string | null {
  const at = line.indexOf(mark);
  if (at < 0) return null;
  const packet = line.slice(at + mark.length).trimStart();
  const end = packet.indexOf("< ");
  return end < 0 || packet.lastIndexOf(" ", end) >= 0 ? null : packet.slice(end + 2);
}
