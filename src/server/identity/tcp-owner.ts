/** Finds the uid of the process at the other end of a local TCP connection in the kernel's table (proc(5)). */
import { open } from "node:fs/promises";
import { endianness } from "node:os";
import { addressBytes, unmapped } from "../address.ts";

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The most that is read of one table; about 100,000 connections. */
const tableMaxBytes = 16 * 1024 * 1024;

/** The uid that opened the client's end; null when no table has the connection, or its end was closed. */
export async function readTcpOwner(client: Endpoint, server: Endpoint): Promise<number | null> {
  const rows = renderRows(client, server);
  for (const path of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const owner = await readOwner(path, rows);
    if (owner !== null) return owner;
  }
  return null;
}

async function readOwner(path: string, rows: readonly string[]): Promise<number | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  let rest = "";
  for await (const chunk of file.createReadStream({ encoding: "latin1", end: tableMaxBytes })) {
    const text = rest + chunk;
    const end = text.lastIndexOf("\n") + 1;
    const owner = findOwner(text.slice(0, end), rows);
    if (owner !== null) return owner;
    rest = text.slice(end);
  }
  return null;
}

/** The uid in one of the `rows` within complete lines. A closed socket has inode 0 and uid 0, which is ignored. */
export function findOwner(lines: string, rows: readonly string[]): number | null {
  for (const row of rows) {
    const start = lines.indexOf(row);
    if (start === -1) continue;
    const fields = lines.slice(start, lines.indexOf("\n", start)).trim().split(/\s+/);
    const [uid = "", , inode = "0"] = fields.slice(6);
    if (inode !== "0" && /^\d+$/.test(uid)) return Number(uid);
  }
  return null;
}

/**
 * How the client's row begins, after its number: local address, remote address, and the state "established". An IPv4
 * connection of IPv6 sockets is listed with mapped addresses.
 */
export function renderRows(client: Endpoint, server: Endpoint): readonly string[] {
  const ends = [client, server].map(({ address, port }) => ({
    bytes: addressBytes(unmapped(address)),
    port: port.toString(16).toUpperCase().padStart(4, "0"),
  }));
  const render = (prefix: Buffer): string | null => {
    const texts = ends.map(
      ({ bytes, port }) => bytes && `${renderHex(Buffer.concat([prefix, bytes]))}:${port}`,
    );
    return texts.includes(null) ? null : ` ${texts.join(" ")} ${established} `;
  };
  const isV4 = ends.every(({ bytes }) => bytes?.length === 4);
  return [render(Buffer.alloc(0)), isV4 ? render(mapped) : null].filter((row) => row !== null);
}

/** TCP_ESTABLISHED, from <netinet/tcp.h>: only in this state a process holds the client's end. */
const established = "01";
const mapped = Buffer.from("00000000000000000000ffff", "hex");

/** The kernel prints addresses as 32-bit words of the machine's byte order. */
function renderHex(bytes: Buffer): string {
  const words = Buffer.from(bytes);
  return (endianness() === "LE" ? words.swap32() : words).toString("hex").toUpperCase();
}
