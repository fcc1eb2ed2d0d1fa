import { describe, expect, test } from "vitest";
import { tryOut } from "../../test/builders/ctl.ts";
import { aDetails } from "../../test/builders/ctl-details.ts";

const all = (...services: unknown[]) => ({ "GET /api/v1/services": { services } });
const linesOf = (text: string) => text.trimEnd().split("\n");

test("one table with the hosts in the order of the command line, not of their answers", async () => {
  const hosts = { w: all(aDetails()), web22: all(aDetails({ service: "caddy" })), web3: all(aDetails()) };
  const seen = await tryOut("status @w,web22 @web3", { hosts });
  expect(linesOf(seen.stdout).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ["HOST", "SERVICE"],
    ["w", "nginx"],
    ["web22", "caddy"],
    ["web3", "nginx"],
    ["all 3 well"],
  ]);
  expect(seen.stderr).toBe("gitopperctl: 3 hosts: 3 ok, 0 failed\n");
  expect(seen.status).toBe(0);
});

test("a host that cannot be reached is a line, the others are shown, and the status is 1", async () => {
  const hosts = { web1: all(aDetails({ state: "BROKEN" })), web2: "Cannot reach\x1b gitopper at web2" };
  const seen = await tryOut("status @web1,web2", { hosts });
  expect(linesOf(seen.stdout)).toEqual([
    expect.stringContaining("HOST"),
    expect.stringContaining("BROKEN"),
    "1 of 1 needs you",
  ]);
  expect(seen.stderr).toBe(
    "gitopperctl: web2: Cannot reach\\x1b gitopper at web2\ngitopperctl: 2 hosts: 1 ok, 1 failed\n",
  );
  expect(seen.status).toBe(1);
});

test("when all hosts were reached, a BROKEN service on one of them is status 3", async () => {
  const hosts = { web1: all(aDetails()), web2: all(aDetails({ state: "DIFF" })) };
  expect((await tryOut("status @web1,web2", { hosts })).status).toBe(3);
});

test("JSON is an object with a key for each host, as it came", async () => {
  const hosts = { web1: { "GET /api/v1/services": '{"services":[],"more":1}\n' }, web2: "no way" };
  const seen = await tryOut("status --json @web1,web2", { hosts });
  expect(JSON.parse(seen.stdout)).toEqual({ web1: { services: [], more: 1 }, web2: { error: "no way" } });
});

test.each([
  ["status @web1,web2", { GITOPPER_TOKEN: "t" }, "GITOPPER_TOKEN"],
  ["status @web1,web2 --token t", {}, "--token"],
])("a token is not shown to several hosts: %s", async (line, env, which) => {
  const seen = await tryOut(line, { hosts: { web1: all(), web2: all() }, env });
  expect(seen).toMatchObject({ status: 2, stdout: "" });
  expect(seen.stderr).toContain(`${which} is for one host, and 2 are asked`);
});

test("over SSH, GITOPPER_TOKEN does not matter for requests to several hosts", async () => {
  const hosts = { web1: all(), web2: all() };
  const seen = await tryOut("status @web1,web2 --via ssh", { hosts, env: { GITOPPER_TOKEN: "t" } });
  expect(seen).toMatchObject({ status: 0 });
});

test("messages are a table, texts have a heading each", async () => {
  const nginx = "/api/v1/services/nginx";
  const answers = {
    [`POST ${nginx}/pull`]: { message: "looks" },
    [`GET ${nginx}/plan`]: { to: null, steps: ["reload nginx"] },
  };
  const around = { hosts: { "*": answers } };
  expect((await tryOut("pull nginx @web1,web2", around)).stdout).toBe(
    "HOST  RESULT\nweb1  looks\nweb2  looks\n",
  );
  expect((await tryOut("plan nginx @web1,web2", around)).stdout).toBe(
    "== web1 ==\n1. reload nginx\n\n== web2 ==\n1. reload nginx\n",
  );
});

describe("groups", () => {
  const files = { "/home/ann/.config/gitopper/config.toml": '[groups]\nweb = ["web1", "web2:8001"]\n' };

  test("are their hosts, each once", async () => {
    const seen = await tryOut("status @web @web1 @db", { files, hosts: { "*": all() } });
    expect(seen.ways.map((way) => "host" in way && `${way.host}:${way.port}`)).toEqual([
      "web1:2222",
      "web2:8001",
      "db:2222",
    ]);
  });
});
