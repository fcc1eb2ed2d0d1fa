import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { aRoute, ask, openListener } from "./a-listener.ts";

const text = (body: string) => ({ status: 200, contentType: "text/plain", body });
const routes = [
  aRoute("GET", "/short", "read", () => text("short\n")),
  aRoute("GET", "/never", "read", () => new Promise(() => {})),
];

test("HEAD has the headers of GET and no body", async () => {
  await using listener = await openListener({ routes });
  const reply = await ask({ port: listener.port, method: "HEAD", path: "/short" });
  expect(reply).toMatchObject({ status: 200, headers: { "content-length": "6" }, body: "" });
});

test("an address that is in use is one clear line", async () => {
  await using listener = await openListener({ routes });
  const { address } = listener;
  await expect(openListener({ endpoint: { kind: "loopback", address, flag: "-a" } })).rejects.toThrow(
    `Cannot listen on ${address}: it is in use; choose another with -a`,
  );
});

test("closing disconnects waiting callers", async () => {
  const listener = await openListener({ routes });
  const waiting = ask({ port: listener.port, path: "/never" }).catch((error: Error) => error.message);
  const idle = connect(listener.port, "127.0.0.1").on("error", () => {});
  await once(idle, "connect");
  await listener.close();
  expect(await waiting).toMatch(/socket hang up|ECONNRESET/);
});
