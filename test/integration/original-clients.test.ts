/** The two generations of the original's client, with their requests and as they read the replies (Go's encoding/json). */
import { connect } from "node:net";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { originalRoutes } from "../../src/api/original-routes.ts";
import { parseCommit } from "../../src/model/commit.ts";
import type { ServiceStatus } from "../../src/model/event.ts";
import { openListener } from "./a-listener.ts";
import { openSshListener } from "./an-ssh-listener.ts";

const hash = "606eb576c1b91248e4c1c4cd0d720f27ac0deb70";
const service: ServiceStatus = {
  service: "grafana-server",
  commit: parseCommit(hash),
  state: { name: "OK", drift: "" },
  changedAt: new Date("2022-11-18T09:14:52Z"),
};
const host = { services: () => [service], machines: () => [{ machine: "web1", actual: "box7" }] };
const row = {
  service: "grafana-server",
  hash,
  state: "OK",
  stateinfo: "",
  change: "Fri, 18 Nov 2022 09:14:52 UTC",
};

/** Go leaves a field that the answer does not have empty, and passes over those that it does not know. */
const text = z._default(z.string(), "");
const oneRow = z.object({ service: text, hash: text, state: text, stateinfo: text, change: text });
const rows = z.object({ services: z._default(z.array(oneRow), []) });
const machines = z.object({ machines: z.array(z.object({ machine: text, actual: text })) });

test("the REST client lists one service from the fields of the answer, all of them from a list", async () => {
  await using listener = await openListener({ routes: originalRoutes, host });
  const get = (path: string) => askAsGo(listener.port, path);
  const one = await get("/list/service/grafana-server");
  expect({ ...one, body: oneRow.parse(JSON.parse(one.body)) }).toEqual({ status: 200, body: row });
  expect(rows.parse(JSON.parse((await get("/list/services")).body))).toEqual({ services: [row] });
  expect(machines.parse(JSON.parse((await get("/list/machines")).body)).machines).toEqual(host.machines());
  expect((await get("/list/service/nginx")).status).toBe(404);
});

test("the SSH client lists one service, or all, from a list", async () => {
  await using listener = await openSshListener({ routes: originalRoutes, host });
  const key = await listener.makeKey("ops@desk", ["-t", "ed25519"], "operate");
  // It puts a space after the command, whatever follows.
  const ask = (command: string) => listener.ssh(key, ["-l", "miek", command]);
  for (const command of ["/list/service grafana-server", "/list/service "]) {
    const { status, stdout } = await ask(command);
    expect({ status, ...rows.parse(JSON.parse(stdout)) }).toEqual({ status: 0, services: [row] });
  }
  const all = await ask("/list/machine ");
  expect(machines.parse(JSON.parse(all.stdout)).machines).toEqual(host.machines());
  const unknown = await ask("/list/service nginx");
  expect(unknown.status).not.toBe(0);
  expect(unknown.stdout).toBe("");
});

/** Reads as far as `Content-Length`, and leaves the connection open for the next request. */
async function askAsGo(port: number, path: string): Promise<{ status: number; body: string }> {
  const lines = [`GET ${path} HTTP/1.1`, `Host: localhost:${port}`, "User-Agent: Go-http-client/1.1"];
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  socket.write([...lines, "Accept-Encoding: gzip", "", ""].join("\r\n"));
  let received = "";
  for await (const chunk of socket) {
    received += chunk;
    const [head = "", body] = received.split("\r\n\r\n");
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Number.POSITIVE_INFINITY);
    if (body !== undefined && body.length >= length) return { status: Number(head.split(" ")[1]), body };
  }
  throw new Error(`The answer was cut off: ${received}`);
}
