import { expect, test } from "vitest";
import { keysIn, parseGiven } from "./host-key.ts";

const ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOPCNEt64/i7tLuaQ2Rry7QweDvgX05x/k87EtXf7qfk";
const ecdsa =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";

test("of the keys that a server shows, the best one comes first", () => {
  const shown = `# h:22 SSH-2.0-OpenSSH\nh ${ecdsa}\nh ${ed25519}\nh ssh-dss AAAA\n\nnonsense\n`;
  expect(keysIn(shown).map(({ type }) => type)).toEqual(["ssh-ed25519", "ecdsa-sha2-nistp256"]);
});

test("a public key can be given as the .pub file has it", () => {
  expect(parseGiven(`${ed25519} root@forge`).fingerprint).toMatch(/^SHA256:/);
});

test.each(["", "MD5:aa:bb", "ssh-ed25519 AAAA", `${ed25519}\n${ecdsa}`, `h ${ed25519}`])(
  "%j is refused",
  (text) => {
    expect(() => parseGiven(text)).toThrow(/^--host-key .*give/);
  },
);
