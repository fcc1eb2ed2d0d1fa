/** The framing of git's protocols: lines prefixed with their length (gitprotocol-common(5), pkt-line). Pure. */

export const flush = "0000";
export const delimiter = "0001";

type Packet = { readonly is: "line"; readonly text: string } | { readonly is: "flush" | "delimiter" };

/** One packet with a line that ends with a line feed. */
export function packet(text: string): string {
  const length = Buffer.byteLength(text) + "0000\n".length;
  return `${length.toString(16).padStart(4, "0")}${text}\n`;
}

/** The packets without their trailing line feeds. Null: the bytes are cut off or malformed. */
export function readPackets(bytes: Buffer): readonly Packet[] | null {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = bytes.toString("latin1", at, at + 4);
    if (!/^[0-9a-f]{4}$/.test(head)) return null;
    const length = Number.parseInt(head, 16);
    if (head === flush) packets.push({ is: "flush" });
    else if (head === delimiter) packets.push({ is: "delimiter" });
    else if (length < 4 || at + length > bytes.length) return null;
    else packets.push({ is: "line", text: bytes.toString("utf8", at + 4, at + length).replace(/\n$/, "") });
    at += Math.max(length, 4);
  }
  return packets;
}
