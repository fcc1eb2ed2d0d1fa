/** The SSH door and clients that compare names of algorithms, at the level of the protocol. */
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { openSshListener, type TestSshListener } from "./an-ssh-listener.ts";

/** The client's half of the protocol; the library does not export it, nor has types for it. */
interface Protocol {
  start(): void;
  parse(chunk: Buffer, from: number, to: number): void;
  service(name: string): void;
  authPK(
    user: string,
    key: string,
    algorithm: string,
    signWith?: (blob: Buffer, done: (signature: Buffer) => void) => void,
  ): void;
}
const { default: ClientProtocol } = await import(
  createRequire(import.meta.url)
    .resolve("ssh2")
    .replace(/index\.js$/, "protocol/Protocol.js")
);

interface Login {
  /** Of `server-sig-algs`. */
  readonly told: readonly string[];
  /** The name in the answer to the question whether the key may come in. */
  readonly confirmed: string;
  readonly in: boolean;
}

/** Offers a key under one name and, whatever name the reply has, signs under another one. */
function logIn(listener: TestSshListener, keyFile: string, asked: string, signed: string): Promise<Login> {
  const { promise, resolve, reject } = Promise.withResolvers<Login>();
  const publicKey = readFileSync(`${keyFile}.pub`, "utf8");
  const privateKey = createPrivateKey(readFileSync(keyFile, "utf8"));
  const socket = connect(listener.port, "127.0.0.1").on("error", reject);
  let told: readonly string[] = [];
  let confirmed = "";
  const over = (isIn: boolean) => {
    socket.destroy();
    resolve({ told, confirmed, in: isIn });
  };
  const protocol: Protocol = new ClientProtocol({
    onWrite: (data: Buffer) => socket.write(data),
    onError: reject,
    hostVerifier: (_key: Buffer, verified: (yes: boolean) => void) => verified(true),
    onHandshakeComplete: () => protocol.service("ssh-userauth"),
    messageHandlers: {
      EXT_INFO: (_: unknown, [{ algs }]: [{ algs: string[] }]) => {
        told = algs;
      },
      SERVICE_ACCEPT: () => protocol.authPK("x", publicKey, asked),
      USERAUTH_PK_OK: (_: unknown, name: string) => {
        confirmed = name;
        protocol.authPK("x", publicKey, signed, (blob, done) =>
          done(sign(signed.replace("rsa-sha2-", "sha"), blob, privateKey)),
        );
      },
      USERAUTH_SUCCESS: () => over(true),
      USERAUTH_FAILURE: () => over(false),
    },
  });
  socket
    .on("connect", () => protocol.start())
    .on("data", (chunk: Buffer) => protocol.parse(chunk, 0, chunk.length));
  return promise;
}

test("an RSA key is confirmed under the requested name, and both kinds of signatures are accepted", async () => {
  await using listener = await openSshListener();
  const key = await listener.makeKey("rsa", ["-t", "rsa", "-b", "2048", "-m", "PEM"], "operate");
  const ways = [
    ["rsa-sha2-256", "rsa-sha2-256"],
    ["rsa-sha2-512", "rsa-sha2-512"],
    ["ssh-rsa", "rsa-sha2-256"],
    ["ssh-rsa", "rsa-sha2-512"],
  ] as const;
  for (const [asked, signed] of ways)
    expect({ asked, signed, ...(await logIn(listener, key, asked, signed)) }).toMatchObject({
      confirmed: asked,
      in: true,
    });
});

test("the accepted signature algorithms are announced, without SHA-1", async () => {
  await using listener = await openSshListener();
  const key = await listener.makeKey("rsa", ["-t", "rsa", "-b", "2048", "-m", "PEM"], "operate");
  const { told } = await logIn(listener, key, "rsa-sha2-256", "rsa-sha2-256");
  expect(told).toEqual([
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ]);
});
