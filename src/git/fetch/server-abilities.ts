/** What the server of an upstream can do, as it says itself when it lists its refs. */
import type { Git } from "../git.ts";
import type { Store } from "../types.ts";

/** Git's stderr shows what both sides say (git(1), GIT_TRACE_PACKET). */
const showPackets = { GIT_TRACE_PACKET: "1" };

/** True: it leaves files out of a fetch, and gives each of them by its id. @throws ExecFailure */
export async function givesSingleFiles(
  store: Store,
  git: Git,
  { signal, env = {} }: { readonly signal: AbortSignal; readonly env?: Readonly<Record<string, string>> },
): Promise<boolean> {
  const { stderr } = await git({ store: store.path }, ["ls-remote", "--quiet", "origin", "HEAD"], {
    account: store.account,
    network: true,
    isTransfer: true,
    signal,
    env: { ...showPackets, ...env },
  });
  return parseGivesSingleFiles(stderr);
}

/** `uploadpack.allowAnySHA1InWant` is told as these two. */
const anyObject = ["allow-tip-sha1-in-want", "allow-reachable-sha1-in-want"];

/**
 * Protocol 2 gives every object that is asked for by its id; the older ones say what they allow in their first line.
 * See gitprotocol-v2(5) and gitprotocol-capabilities(5). A dumb server says nothing.
 */
export function parseGivesSingleFiles(trace: string): boolean {
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

/** What a line of the trace says was received: after `packet:`, the program's name and `< `. */
function receivedIn(line: string): string | null {
  const at = line.indexOf(mark);
  if (at < 0) return null;
  const packet = line.slice(at + mark.length).trimStart();
  const end = packet.indexOf("< ");
  return end < 0 || packet.lastIndexOf(" ", end) >= 0 ? null : packet.slice(end + 2);
}
