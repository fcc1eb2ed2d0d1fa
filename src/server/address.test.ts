import { expect, test } from "vitest";
import { addressBytes, isLoopback, parseAddress, peerOf, renderAddress } from "./address.ts";

test.each([
  ["127.0.0.1:8000", { host: "127.0.0.1", port: 8000 }],
  [":8000", { host: null, port: 8000 }],
  ["[::1]:8000", { host: "::1", port: 8000 }],
  ["web1.example.org:0", { host: "web1.example.org", port: 0 }],
])("%s can be listened on", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test.each([
  "",
  "8000",
  "127.0.0.1",
  "::1:8000",
  "127.0.0.1:65536",
  "127.0.0.1:http",
  "[x]:1",
  "a b:1",
  "http://a:1",
])("%j cannot", (text) => {
  expect(parseAddress(text)).toBeNull();
});

test.each(["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])("%s is the host itself", (peer) => {
  expect(isLoopback(peer)).toBe(true);
});

test.each(["", "128.0.0.1", "10.127.0.0", "::ffff:10.0.0.1", "::2", "127.0.0.1.example.org", "fe80::1"])(
  "%j is another",
  (peer) => {
    expect(isLoopback(peer)).toBe(false);
  },
);

test("IPv6 has brackets", () => {
  expect(renderAddress("::1", 80)).toBe("[::1]:80");
});

test.each([
  ["127.0.0.1", "7f000001"],
  ["::1", "00000000000000000000000000000001"],
  ["fd00::1:2", "fd000000000000000000000000010002"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["::ffff:10.1.2.3", "00000000000000000000ffff0a010203"],
  ["::", "00000000000000000000000000000000"],
])("the bytes of %s", (address, hex) => {
  expect(addressBytes(address)?.toString("hex")).toBe(hex);
});

test.each(["", "web1", "1.2.3", "fe80::1%eth0"])("%j has none", (address) => {
  expect(addressBytes(address)).toBeNull();
});

test("a peer is an address of IPv4, or a network of IPv6", () => {
  expect(peerOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(peerOf("2001:db8::1")).toBe(peerOf("2001:db8::ffff:1"));
  expect(peerOf("2001:db8::1")).not.toBe(peerOf("2001:db8:0:1::1"));
  expect(peerOf("local")).toBe("local");
});
