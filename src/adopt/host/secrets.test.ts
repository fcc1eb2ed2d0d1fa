import { expect, test } from "vitest";
import { secretIn } from "./secrets.ts";

const inFile = (text: string, name = "app.conf") => secretIn(name, Buffer.from(text));

test.each([
  ["-----BEGIN PRIVATE KEY-----\nMIIE\n", "it has a private key"],
  ["a\n-----BEGIN OPENSSH PRIVATE KEY-----\n", "it has a private key"],
  ["AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQ\n", "it has a private key of age"],
  ["user = app\npassword = hunter2\n", "line 2 has a password or a key"],
  ["  requirepass s3cret\n", "line 1 has a password or a key"],
  ["stats auth admin:x\nuser admin password s3cret\n", "line 2 has a password or a key"],
  ["api_key: abcdef\n", "line 1 has a password or a key"],
  ["url = postgres://app:hunter2@db/app\n", "line 1 has a URL with a password"],
  ["root:$6$abcdefgh$ijklmnopqrstuv:19000::\n", "line 1 has the hash of a password"],
  ["token = ghp_0123456789abcdefghijABCDEFGHIJ012345\n", "line 1 has a token"],
])("%j is a secret", (text, why) => expect(inFile(text)).toBe(why));

test.each([
  ["# password = hunter2\n"],
  ["PasswordAuthentication no\n"],
  ["ssl_certificate_key /etc/ssl/private/site.key;\n"],
  ["password_file = /etc/app/password\n"],
  ["password = $" + "{DB_PASSWORD}\n"],
  ["auth_basic off;\n"],
  ["-----BEGIN CERTIFICATE-----\nMIIE\n"],
])("%j is none", (text) => expect(inFile(text)).toBeNull());

test("a file that is a key by its name is a secret, whatever it has", () => {
  expect(inFile("", "id_ed25519")).toMatch(/by its name/);
  expect(inFile("", ".htpasswd")).toMatch(/by its name/);
});
