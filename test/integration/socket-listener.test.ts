import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HttpEndpoint } from "../../src/server/http/http.ts";
import { createPeerUid } from "../../src/server/identity/peer-credentials.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { ask, openListener } from "./a-listener.ts";

const scratch = makeTempDir("socket");
const gid = 60_123;
const path = join(scratch, "run", "gitopper.sock");
beforeAll(() => chmodSync(scratch, 0o755));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function aSocket(overrides: Partial<Extract<HttpEndpoint, { kind: "socket" }>> = {}): HttpEndpoint {
  return { kind: "socket", path, gid, peerUid: createPeerUid(expect.fail), ...overrides };
}

const curl = [
  "curl",
  "--silent",
  "--show-error",
  "--max-time",
  "10",
  "--unix-socket",
  path,
  "http://gitopper/who",
];
const as = (uid: number, ...groups: readonly number[]) => [
  ...["setpriv", `--reuid=${uid}`, `--regid=${uid}`],
  groups.length > 0 ? `--groups=${groups.join(",")}` : "--clear-groups",
];

test("root operates, members of the group read, and others cannot connect", async () => {
  await using _ = await openListener({ endpoint: aSocket() });
  expect((await run([...curl, "-X", "POST"])).stdout).toBe("root: operate");
  expect((await run([...as(65_534, gid), ...curl])).stdout).toBe("nobody: read");
  expect((await run([...as(54_321, gid), ...curl])).stdout).toBe("uid 54321: read");
  expect((await run([...as(65_534, gid), ...curl, "-X", "POST"])).stdout).toContain(
    "You (nobody) may only read: POST /who needs the role operate; be root",
  );
  const other = await run([...as(65_534), ...curl], { allowFailure: true });
  expect(other).toMatchObject({ status: 7, stdout: "" });
});

test("without a group it is root's alone", async () => {
  await using _ = await openListener({ endpoint: aSocket({ gid: null }) });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await run([...as(65_534, 0), ...curl], { allowFailure: true })).status).toBe(7);
  expect((await run(curl)).stdout).toBe("root: operate");
});

test("the file is the group's, in a directory that others can pass, and goes with the daemon", async () => {
  rmSync(join(scratch, "run"), { recursive: true, force: true });
  const umask = process.umask();
  const listener = await openListener({ endpoint: aSocket() });
  expect(process.umask()).toBe(umask);
  const { mode, uid, gid: group } = statSync(path);
  expect([mode & 0o777, uid, group]).toEqual([0o660, 0, gid]);
  expect(statSync(join(scratch, "run")).mode & 0o777).toBe(0o755);
  await listener.close();
  expect(existsSync(path)).toBe(false);
});

test("when the kernel cannot tell the peer's user, every caller may only read, root too", async () => {
  await using _ = await openListener({ endpoint: aSocket({ peerUid: () => null }) });
  expect((await run(curl)).stdout).toBe("a local user: read");
  expect((await ask({ socketPath: path, path: "/who", method: "POST" })).status).toBe(403);
});

test("the socket of a daemon that was killed is removed", async () => {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await run([process.execPath, "-e", script], { allowFailure: true });
  expect(existsSync(path)).toBe(true);
  await using _ = await openListener({ endpoint: aSocket() });
  expect((await run(curl)).stdout).toBe("root: operate");
});

test("that of a daemon that runs is left alone", async () => {
  const rival = createServer().listen(path);
  await once(rival, "listening");
  await expect(openListener({ endpoint: aSocket() })).rejects.toThrow(
    `Cannot listen on the socket ${path}: another gitopper listens there; choose another with --socket`,
  );
  expect(existsSync(path)).toBe(true);
  rival.close();
  await once(rival, "close");
});

test("what is no socket is left alone, and a path can be too long", async () => {
  writeFileSync(path, "mine");
  await expect(openListener({ endpoint: aSocket() })).rejects.toThrow("there is something else of that name");
  expect(readFileSync(path, "utf8")).toBe("mine");
  rmSync(path);
  await expect(openListener({ endpoint: aSocket({ path: `/${"x".repeat(107)}` }) })).rejects.toThrow(
    "at most 107 bytes",
  );
});
