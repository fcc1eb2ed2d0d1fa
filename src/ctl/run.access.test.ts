import { expect, test } from "vitest";
import { tryOut } from "../../test/builders/ctl.ts";
import { hashOf } from "../../test/builders/ctl-details.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });
const row = {
  id: "k1",
  name: "ci",
  role: "read",
  createdAt: "2026-03-01T12:00:00Z",
  createdBy: "root",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
};

test("a new token is all that is on stdout", async () => {
  const seen = await tryOut(
    "token new --name ci --role read --expires 90d",
    onAny({ "POST /api/v1/tokens": { token: "got_secret", row } }),
  );
  expect(seen.stdout).toBe("got_secret\n");
  expect(seen.stderr).toBe('gitopperctl: this is token "ci" with the role read; it is not shown again\n');
  expect(seen.asked).toEqual([
    'localhost POST /api/v1/tokens {"name":"ci","role":"read","expiresAt":"2026-06-03T12:00:00.000Z"}',
  ]);
});

test("tokens are listed with what they are good for", async () => {
  const tokens = [
    { ...row, lastUsedAt: "2026-03-05T11:57:00Z", expiresAt: "2026-03-06T12:00:00Z" },
    { ...row, name: "old", expiresAt: "2026-03-02T12:00:00Z" },
    { ...row, name: "lost", revokedAt: "2026-03-02T12:00:00Z" },
  ];
  const { stdout } = await tryOut("token list", onAny({ "GET /api/v1/tokens": { tokens } }));
  expect(stdout.trimEnd().split("\n")).toEqual([
    "NAME  ID  ROLE  IS       EXPIRES  USED       CREATED  BY",
    "ci    k1  read  good     in 1 d   3 min ago  4 d ago  root",
    "old   k1  read  expired  3 d ago  never      4 d ago  root",
    "lost  k1  read  revoked  never    never      4 d ago  root",
  ]);
});

test("a token is revoked by its name", async () => {
  const seen = await tryOut(
    "token revoke ci",
    onAny({ "DELETE /api/v1/tokens/ci": { message: "ci is revoked" } }),
  );
  expect(seen).toMatchObject({ status: 0, stdout: "ci is revoked\n" });
});

test("audit shows the caller and the change of each entry", async () => {
  const entry = {
    id: 1,
    at: "2026-03-05T11:00:00Z",
    who: "token ci",
    from: "10.0.0.9",
    door: "https",
    credential: "k1",
    what: "POST /api/v1/services/nginx/pull",
    reason: "",
    status: 200,
    result: "nginx is looked at",
  };
  const { stdout } = await tryOut(
    "audit --limit 5",
    onAny({ "GET /api/v1/audit?limit=5": { entries: [entry], next: null } }),
  );
  expect(stdout.trimEnd().split("\n")).toEqual([
    "WHEN     DOOR   FROM      STATUS  WHAT",
    "1 h ago  https  10.0.0.9  200     token ci pulled nginx",
  ]);
});

test("the fingerprint of the host, if it has one", async () => {
  const host = {
    hostname: "web1",
    names: [],
    version: "1",
    startedAt: row.createdAt,
    now: row.createdAt,
    services: 0,
    states: {},
    fingerprint: `SHA256:${hashOf("f")}`,
  };
  const path = "GET /api/v1/host";
  expect((await tryOut("fingerprint", onAny({ [path]: host }))).stdout).toBe(`SHA256:${hashOf("f")}\n`);
  expect(await tryOut("fingerprint", onAny({ [path]: { ...host, fingerprint: null } }))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("There is no HTTPS on web1"),
  });
});
