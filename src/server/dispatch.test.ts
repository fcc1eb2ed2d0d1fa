import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { sampleHost } from "../../scripts/sample.ts";
import { aHost, anAudit } from "../../test/builders/a-host.ts";
import type { Caller } from "../api/caller.ts";
import { json } from "../api/problem.ts";
import { anything, type Route, route } from "../api/route.ts";
import { changingRoutes } from "../api/v1-changes.ts";
import { dispatch, isUserNeededFor, type Request, type Router } from "./dispatch.ts";

const reply = (body: string) => ({ status: 200, contentType: "text/plain", body });
const common = { purpose: "", reply: anything } as const;
const routes: readonly Route[] = [
  route({
    ...common,
    method: "GET",
    path: "/list/{service}",
    role: "read",
    query: z.strictObject({ limit: z._default(z.coerce.number().check(z.int()), 7) }),
    handle: (_, { params, query }) => reply(`read ${params.service} ${query.limit}`),
  }),
  route({
    ...common,
    method: "POST",
    path: "/do/{service}",
    role: "operate",
    act: "freeze",
    body: z.strictObject({ reason: z._default(z.string(), "") }),
    handle: async (_, { params }) => json(200, { message: `did ${params.service}`, secret: "hunter2" }),
  }),
  route({
    ...common,
    method: "GET",
    path: "/bug",
    role: "read",
    handle: () => {
      throw new Error("secret");
    },
  }),
];

const caller = (role: Caller["role"]): Caller => ({
  role,
  who: "token ci",
  door: "https",
  from: "192.0.2.7",
  credential: "0f1e",
});

async function ask(request: Partial<Request>, router: Partial<Router> = {}) {
  const audit = anAudit();
  const whole: Request = {
    method: "GET",
    target: "/",
    body: "",
    caller: caller("operate"),
    lastEventId: null,
    signal: new AbortController().signal,
    ...request,
  };
  const answer = await dispatch(whole, { routes, host: aHost({ audit }), log: () => {}, ...router });
  const body = String(answer.body);
  const problem = answer.contentType === "application/problem+json";
  return { ...answer, body, detail: problem ? JSON.parse(body).detail : body, entries: audit.entries };
}

const post = { method: "POST", target: "/do/nginx" };

describe("routes", () => {
  test.each(["/list/nginx", "/list/nginx?", "http://web1:8000/list/nginx#y"])(
    "%s is found",
    async (target) => {
      expect(await ask({ target })).toMatchObject({ status: 200, body: "read nginx 7" });
    },
  );
  test("a query is checked and read", async () => {
    expect(await ask({ target: "/list/nginx?limit=12" })).toMatchObject({ body: "read nginx 12" });
    for (const query of ["limit=x", "limit=1.5", "nope=1"]) {
      expect(await ask({ target: `/list/nginx?${query}` })).toMatchObject({ status: 400 });
    }
  });
  test("HEAD is answered as GET", async () => {
    expect(await ask({ method: "HEAD", target: "/list/nginx" })).toMatchObject({ status: 200 });
  });
  test("an unknown path is a 404 problem", async () => {
    expect(await ask({ target: "/nope" })).toMatchObject({
      status: 404,
      detail: "There is nothing at /nope",
    });
    expect(await ask({ target: "*", method: "OPTIONS" })).toMatchObject({ status: 404 });
  });
  test("a wrong method is a 405 that says which ones are right", async () => {
    expect(await ask({ target: "/do/nginx" })).toMatchObject({ status: 405, allow: "POST" });
    expect(await ask({ target: "/list/nginx", method: "DELETE" })).toMatchObject({
      status: 405,
      allow: "GET, HEAD",
    });
  });
  test("a caller's role is known before its request is handled", () => {
    expect(isUserNeededFor(routes, "GET", "/list/a?b")).toBe(false);
    expect(isUserNeededFor(routes, "POST", "http://x/do/a")).toBe(true);
    expect(isUserNeededFor(routes, "GET", "/do/a")).toBe(false);
  });
  test("a bug is a 500 without details, and is logged", async () => {
    const logged: unknown[] = [];
    const answer = await ask({ target: "/bug" }, { log: (message, cause) => logged.push(message, cause) });
    expect(answer).toMatchObject({ status: 500, body: expect.not.stringContaining("secret") });
    expect(logged).toEqual(["GET /bug: the handler threw", new Error("secret")]);
  });
});

describe("bodies", () => {
  test.each(["", "{}", ' {"reason":"x"} '])("%j is one", async (body) => {
    expect(await ask({ ...post, body })).toMatchObject({ status: 200 });
  });
  test.each([
    ["no", "The body is not JSON"],
    ["[]", "The body is not as it should be"],
    ['{"reason":1}', '"reason"'],
    ['{"raison":"x"}', "raison"],
  ])("%j is refused", async (body, why) => {
    expect(await ask({ ...post, body })).toMatchObject({ status: 400, detail: expect.stringContaining(why) });
  });
});

describe("roles", () => {
  const stranger = { caller: caller(null) };
  test("an unknown caller gets the same reply everywhere", async () => {
    const answers = await Promise.all(
      ["/list/nginx", "/nope", "/bug"].map((target) => ask({ target, ...stranger })),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await ask({ ...post, ...stranger })).toMatchObject({ status: 401, entries: [] });
  });
  test("the role read does not operate", async () => {
    const reader = { caller: caller("read") };
    expect(await ask({ target: "/list/nginx", ...reader })).toMatchObject({ status: 200 });
    expect(await ask({ ...post, ...reader })).toMatchObject({
      status: 403,
      detail: 'Your token "ci" may only read: freeze needs the role operate; use a token that has it',
    });
  });
  test.each([
    [{ who: "key ops@desk", door: "ssh" }, 'Your key "ops@desk" may only read: freeze', "ro = true"],
    [{ who: "certificate CN=prom" }, 'Your certificate "CN=prom" may only read: freeze', "another role"],
    [{ who: "alice", door: "socket" }, "You (alice) may only read: freeze", "be root"],
    [{ who: "anyone", door: "http" }, "You (anyone) may only read: freeze", "show a token or key"],
    [{ limited: "over plain HTTP" }, 'Your token "ci" may only read over plain HTTP: freeze', "HTTPS"],
  ] as const)("%o is told so in its own words", async (who, what, remedy) => {
    const { detail } = await ask({ ...post, caller: { ...caller("read"), ...who } });
    expect(detail).toContain(`${what} needs the role operate; `);
    expect(detail).toContain(remedy);
  });
});

describe("the audit trail", () => {
  test("records the change, the caller and the reason, and no secret of the reply", async () => {
    const { entries } = await ask({ ...post, body: '{"reason":"a try"}' });
    expect(entries).toEqual([
      {
        who: "token ci",
        from: "192.0.2.7",
        door: "https",
        credential: "0f1e",
        what: "POST /do/nginx",
        reason: "a try",
        status: 200,
        result: "did nginx",
      },
    ]);
  });
  test("names a new token, whose reply has no message, and not its secret", async () => {
    const asked = { ...post, target: "/api/v1/tokens", body: '{"name":"ci","role":"read"}' };
    const { create } = sampleHost.tokens;
    const audit = anAudit();
    await ask(asked, { routes: changingRoutes, host: aHost({ audit, tokens: { create } }) });
    expect(audit.entries).toMatchObject([{ status: 200, result: "Made token ci (read)" }]);
  });
  test("has what was refused too, and no reading", async () => {
    const refused = await ask({ ...post, caller: caller("read") });
    expect(refused.entries).toMatchObject([
      { status: 403, result: expect.stringContaining("needs the role") },
    ]);
    expect((await ask({ target: "/list/nginx" })).entries).toEqual([]);
  });
  test("a trail that cannot be written is no success", async () => {
    const record = () => {
      throw new Error("disk full");
    };
    expect(await ask(post, { host: aHost({ audit: { record } }) })).toMatchObject({ status: 500 });
  });
});
