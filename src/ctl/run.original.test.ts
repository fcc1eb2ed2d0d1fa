import { describe, expect, test } from "vitest";
import { refused, tryOut } from "../../test/builders/ctl.ts";

const row = {
  service: "nginx",
  hash: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d",
  state: "OK",
  stateinfo: "",
  change: "Fri, 18 Nov 2022 09:14:52 UTC",
};
const listing = (answer: unknown) => ({ hosts: { "*": { "GET /list/services": answer } } });

describe("list", () => {
  test("services are a table with short hashes", async () => {
    expect(await tryOut("list services", listing({ services: [row] }))).toMatchObject({
      asked: ["localhost GET /list/services"],
      stdout:
        "#  SERVICE  HASH      STATE  INFO  CHANGED\n" +
        "0  nginx    1a2b3c4d  OK           Fri, 18 Nov 2022 09:14:52 UTC\n",
      stderr: "",
      status: 0,
    });
  });

  test("a BROKEN one is still status 0, as the original has it", async () => {
    expect((await tryOut("list services", listing({ services: [{ ...row, state: "BROKEN" }] }))).status).toBe(
      0,
    );
  });

  test("a state has a colour on a terminal that supports it, and with --color always", async () => {
    const around = { ...listing({ services: [row] }), colour: true };
    expect((await tryOut("list services", around)).stdout).toContain("\x1b[32mOK\x1b[0m  ");
    expect((await tryOut("list services --color never", around)).stdout).not.toContain("\x1b");
    const plain = listing({ services: [row] });
    expect((await tryOut("list services --color always", plain)).stdout).toContain("\x1b[32mOK");
  });

  test("machines are a table", async () => {
    const hosts = { "*": { "GET /list/machines": { machines: [{ machine: "web1", actual: "box7" }] } } };
    expect((await tryOut("list machines", { hosts })).stdout).toBe("#  MACHINE  ACTUAL\n0  web1     box7\n");
  });

  test("a service's name is encoded in the path", async () => {
    const { asked } = await tryOut(["list", "service", "a/b c@1"]);
    expect(asked).toEqual(["localhost GET /list/service/a%2Fb%20c%401"]);
  });

  test("JSON is printed as it came, in full", async () => {
    const body = `{ "services": [${JSON.stringify({ ...row, more: 1 })}] }`;
    expect((await tryOut("list services -m", listing(body))).stdout).toBe(`${body}\n`);
  });
});

describe("state and do", () => {
  test("a rollback prints the server's message", async () => {
    const hosts = {
      "*": { "POST /state/rollback/nginx/1a2b": '{"message":"nginx goes back\\n\\u001b[2J"}' },
    };
    const seen = await tryOut("state rollback nginx 1a2b", { hosts });
    expect(seen).toMatchObject({ stdout: "nginx goes back \\x1b[2J\n", status: 0 });
  });

  test("an unfreeze shows no prompt", async () => {
    const hosts = { "*": { "POST /state/unfreeze/nginx": { message: "nginx follows again" } } };
    expect(await tryOut("do unfreeze nginx", { hosts })).toMatchObject({
      asked: ["localhost POST /state/unfreeze/nginx"],
      status: 0,
    });
  });
});

describe("what goes wrong is one line on stderr, and status 1", () => {
  test("a problem's detail", async () => {
    const seen = await tryOut("list services", listing(refused(404, 'no "x"\nhere\x1b')));
    expect(seen).toMatchObject({ status: 1, stdout: "", stderr: 'gitopperctl: no "x" here\\x1b\n' });
  });

  test.each([
    [{ status: 502, body: "<html>" }, "what answers there is not gitopper"],
    [{ status: 204, body: "" }, "what answers there is not gitopper"],
    ["<html>", "it is not gitopper's JSON; check"],
    ['{"services":[{"service":1}]}', '(see "services.0.service")'],
  ])("%j", async (answer, message) => {
    const seen = await tryOut("list services -m", listing(answer));
    expect(seen).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining(message) });
  });

  test("a host that cannot be reached", async () => {
    const seen = await tryOut("list services", { hosts: { localhost: "Cannot reach it" } });
    expect(seen).toMatchObject({ status: 1, stderr: "gitopperctl: Cannot reach it\n" });
  });
});
