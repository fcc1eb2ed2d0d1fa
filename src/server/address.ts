/** Addresses to listen on, as flags have them: `127.0.0.1:8000`, `:8000`, `[::1]:8000`, `web1:8000`. */
import { isIPv4, isIPv6 } from "node:net";

export interface Address {
  /** Null: every address of the host. */
  readonly host: string | null;
  /** 0: any free one. */
  readonly port: number;
}

/** Null when the text is not a host (which may be left out), a colon, and a port. */
export function parseAddress(text: string): Address | null {
  const parts = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:/[\]]*)):(\d{1,5})$/.exec(text);
  if (parts === null) return null;
  const port = Number(parts[3]);
  if (port > 65_535) return null;
  return { host: parts[1] || parts[2] || null, port };
}

/** `host:port`, as in a URL. */
export function renderAddress(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Whether a peer's address is the host itself, through loopback. */
export function isLoopback(peer: string): boolean {
  return peer === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/i.test(peer);
}

/** An IPv4 address that came through an IPv6 socket, as IPv4. */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

/** The 4 or 16 bytes of an address; null when it is none. */
export function addressBytes(address: string): Buffer | null {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  if (!isIPv6(address) || address.includes("%")) return null;
  // Without an IPv4 address at its end.
  const hex = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = "", after] = hex.split("::").map((side) => side.split(":").filter(Boolean));
  const tail = after ?? [];
  const words = [...before, ...Array<string>(8 - before.length - tail.length).fill("0"), ...tail];
  return Buffer.from(words.map((word) => word.padStart(4, "0")).join(""), "hex");
}

/** What counts as one peer: an IPv4 address, or the /64 that one IPv6 host can choose its addresses from. */
export function peerOf(address: string): string {
  const plain = unmapped(address);
  const bytes = plain.includes(":") ? addressBytes(plain) : null;
  return bytes === null ? plain : `${bytes.toString("hex", 0, 8)}::/64`;
}
