import { endianness } from "node:os";
import { describe, expect, test } from "vitest";
import { findOwner, renderRows } from "./tcp-owner.ts";

// As a little-endian machine prints them.
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1060 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F40 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2001 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1000        0 2002 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:C351 0100007F:1F40 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000000000000
   4: 0100007F:C352 0100007F:1F40 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1
   5: 0100007F:C353 0100007F:1F40 05 00000000:00000000 00:00000000 00000000     0        0 2005 1 0000000000000000 20 4 30 10 -1
`;
const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:C350 00000000000000000000000001000000:1F40 01 00000000:00000000 00:00000000 00000000  1001        0 3001 1 0000000000000000 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:C360 0000000000000000FFFF00000100007F:1F40 01 00000000:00000000 00:00000000 00000000  1002        0 3002 1 0000000000000000 20 4 30 10 -1
`;

const ownerOf = (text: string, port: number, address = "127.0.0.1") =>
  findOwner(text, renderRows({ address, port }, { address, port: 8000 }));

describe.runIf(endianness() === "LE")("the owner of the client's end", () => {
  test("is found by its addresses and ports", () => {
    expect(ownerOf(table, 50_000)).toBe(1000);
    expect(ownerOf(table6, 50_000, "::1")).toBe(1001);
  });

  test("is not that of our own end", () => {
    expect(ownerOf(table.replace(/^ {3}2:.*\n/m, ""), 50_000)).toBeNull();
  });

  test("is found for IPv4 through IPv6 sockets, on either side", () => {
    expect(ownerOf(table, 50_000, "::ffff:127.0.0.1")).toBe(1000);
    expect(ownerOf(table6, 50_016)).toBe(1002);
    expect(ownerOf(table6, 50_016, "::ffff:127.0.0.1")).toBe(1002);
  });

  test.each([
    [50_001, "is waiting for its end: the kernel prints uid 0 there"],
    [50_002, "has no process any more: uid 0 again, without an inode"],
    [50_003, "is being closed"],
    [50_099, "is not there"],
  ])("there is no owner when the connection from %d %s", (port) => {
    expect(ownerOf(table, port)).toBeNull();
  });

  test("is unknown without addresses", () => {
    expect(renderRows({ address: "", port: 1 }, { address: "127.0.0.1", port: 2 })).toEqual([]);
  });
});
