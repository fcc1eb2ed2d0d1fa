import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { aRoute, ask, openDoor } from "./a-door.ts";

const text = (body: string) => ({ status: 200, contentType: "text/plain", body });
const routes = [
  aRoute("GET", "/short", "read", () => text("short\n")),
  aRoute("GET", "/never", "read", () => new Promise(() => {})),
];

test("HEAD has the headers of GET and no body", async () => {
  await using door = await openDoor({ routes });
  const reply = await ask({ port: door.port, method: "HEAD", path: "/short" });
  expect(reply).toMatchObject({ status: 200, headers: { "content-length": "6" }, body: "" });
});

test("an address that is in use is one clear line", async () => {
  await using door = await openDoor({ routes });
  const { address } = door;
  await expect(openDoor({ place: { entrance: "loopback", address, flag: "-a" } })).rejects.toThrow(
    `Cannot listen on ${address}: it is in use; choose another with -a`,
  );
});

test("closing hangs up on those who wait", async () => {
  const door = await openDoor({ routes });
  const waiting = ask({ port: door.port, path: "/never" }).catch((error: Error) => error.message);
  const idle = connect(door.port, "127.0.0.1").on("error", () => {});
  await once(idle, "connect");
  await door.close();
  expect(await waiting).toMatch(/socket hang up|ECONNRESET/);
});
