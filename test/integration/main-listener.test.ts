import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig, loadForStart } from "../../src/daemon/config/load-config.ts";
import { fingerprintOf, type MainListenerOptions, planMainListener } from "../../src/listen/main-listener.ts";
import type { AbsPath } from "../../src/model/path.ts";
import { exec } from "../../src/platform/process/exec.ts";
import { noApi as api } from "../builders/config.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { issue, makeCa } from "./a-ca.ts";
import { ask, openListener } from "./a-listener.ts";

const scratch = makeTempDir("main-door");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function plan(address: string, given: Partial<MainListenerOptions> = {}) {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  const log = { info: line, warn: (text: string) => line(`warning: ${text}`), error: line, debug: line };
  const options = { address, names: ["web1"], api, stateDir: join(scratch, "state") as AbsPath, log };
  const main = await planMainListener({ ...options, ...given } as MainListenerOptions);
  if (main === null) throw new Error(lines.join("\n"));
  return { main, lines };
}

test("an address that others reach has HTTPS, with a certificate that is made once", async () => {
  const first = await plan("0.0.0.0:0");
  const directory = join(scratch, "state", "tls");
  expect(first.lines).toEqual([
    `made a certificate for HTTPS in ${directory}; [api] cert and key name one of your own`,
    `HTTPS shows the certificate ${fingerprintOf(first.main)}`,
  ]);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, "key.pem")).mode & 0o777).toBe(0o600);
  const second = await plan(":0");
  expect(fingerprintOf(second.main)).toBe(fingerprintOf(first.main));
  expect(second.lines).toHaveLength(1);

  await using listener = await openListener({ endpoint: second.main });
  const tls = { ca: readFileSync(join(directory, "cert.pem")), servername: "web1" };
  expect(await ask({ port: listener.port, path: "/who", tls })).toMatchObject({ status: 401 });
});

test("a certificate of its own that is damaged is set aside, and a new one is made", async () => {
  const first = await plan("0.0.0.0:0");
  const directory = join(scratch, "state", "tls");
  for (const damage of [
    () => writeFileSync(join(directory, "cert.pem"), "damaged"),
    () => writeFileSync(join(directory, "key.pem"), ""),
  ]) {
    damage();
    const { main, lines } = await plan("0.0.0.0:0");
    expect(lines[0]).toMatch(
      /^the certificate of this host is damaged \(.*\): it is .*cert\.pem\.broken-\S+ and /,
    );
    expect(fingerprintOf(main)).not.toBe(fingerprintOf(first.main));
    await using listener = await openListener({ endpoint: main });
    const tls = { ca: readFileSync(join(directory, "cert.pem")), servername: "web1" };
    expect(await ask({ port: listener.port, path: "/who", tls })).toMatchObject({ status: 401 });
  }
});

test.each(["127.0.0.1:0", "[::1]:0", "localhost:0"])(
  "%s is plain, and has no certificate",
  async (address) => {
    const { main, lines } = await plan(address);
    expect([main.kind, fingerprintOf(main), lines]).toEqual(["loopback", null, []]);
  },
);

test("insecure is warned of at each start", async () => {
  const { main, lines } = await plan("0.0.0.0:0", { api: { ...api, insecure: true } });
  expect(main.kind).toBe("insecure");
  expect(lines).toEqual([expect.stringMatching(/^warning: \[api\] insecure: 0\.0\.0\.0:0 can be reached/)]);
});

test("files that HTTPS cannot use are found when the config is read, beside it", async () => {
  const ca = await makeCa(scratch, "ca");
  await issue(ca, scratch, "web1", "/CN=web1");
  const path = join(scratch, "config.toml");
  const load = async (key: string) => {
    writeFileSync(path, `[api]\ngroup = "root"\ncert = "web1.pem"\nkey = "${key}"\n`);
    return loadConfig(path, ["web1"], { name: "root", uid: 0, gid: 0, home: "/root" }, exec);
  };
  const good = await load("web1.key");
  expect(good).toMatchObject({ ok: true, gid: 0, settings: { api: { cert: join(scratch, "web1.pem") } } });
  expect(await load("ca.key")).toEqual({
    ok: false,
    lines: [
      expect.stringMatching(
        /^Cannot use .*ca\.key for HTTPS: it does not belong to .*web1\.pem; .* set \[api\] key$/,
      ),
    ],
  });
  const atStart = await loadForStart(path, ["web1"], { name: "root", uid: 0, gid: 0, home: "/root" }, exec);
  expect(atStart).toMatchObject({ ok: true, faults: [expect.stringContaining("ca.key for HTTPS")] });
  await expect(plan("127.0.0.1:0", { api: atStart.ok ? atStart.settings.api : api })).rejects.toThrow(
    /^HTTPS stays closed; put its files right, and then: systemctl reload gitopper$/,
  );
  expect(await load("none.key")).toMatchObject({ ok: false, lines: [expect.stringContaining("none.key")] });
  writeFileSync(path, '[api]\ngroup = "no-such-group-here"\n');
  expect(await loadConfig(path, ["web1"], { name: "root", uid: 0, gid: 0, home: "/root" }, exec)).toEqual({
    ok: false,
    lines: [
      `${path}:2:1: api.group: there is no group "no-such-group-here" on this host; create it or name another`,
    ],
  });
});
