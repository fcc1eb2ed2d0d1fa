/** Every request of gitopperctl matches the route table. */
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { matchRoute } from "../src/api/route.ts";
import { routes } from "../src/api/routes.ts";
import { tryOut } from "./builders/ctl.ts";
import { aDeployment, aDetails, hashOf } from "./builders/ctl-details.ts";

const nginx = "/api/v1/services/nginx";
const held = { commit: hashOf("a"), by: "root", reason: "", since: null, until: null };
const hosts = {
  "*": {
    [`GET ${nginx}`]: aDetails({ held }),
    [`GET ${nginx}/deployments?limit=100`]: { deployments: [aDeployment({ to: hashOf("b") })], next: null },
    [`GET ${nginx}/ahead`]: { from: hashOf("a"), to: hashOf("b"), commits: [], truncated: false },
  },
};

const lines: readonly string[] = [
  ...["list machines", "list services", "list service nginx", "state freeze nginx", "do unfreeze nginx"],
  ...[
    "state pull nginx",
    "do rollback nginx 1a2b",
    "status",
    "status nginx",
    "log nginx",
    "log nginx --limit 500",
    "log nginx --output",
  ],
  ...[
    "events nginx",
    "diff nginx",
    "diff nginx 1a2b",
    "plan nginx 1a2b",
    "drift nginx",
    "drift nginx --diff",
    "doctor",
    "watch",
  ],
  "describe nginx",
  ...[
    "pull nginx",
    "pull nginx --override-window --reason now",
    "pull nginx --again",
    "freeze nginx",
    "freeze nginx --for 90d",
  ],
  ...["freeze nginx --until 23:59", "freeze nginx --until 2030-01-01", "unfreeze nginx", "rollback nginx"],
  ...["aside", "aside nginx --for 1h --reason dpkg", "resume", "resume nginx"],
  ...["release nginx --reason done", "release --all"],
  ...[
    "rollback nginx 1a2b --reason slow",
    "token new --name ci --role read",
    "token list",
    "token revoke ci",
  ],
  ...["token new --name ci --role operate --expires 90d", "audit", "audit --limit 1", "fingerprint"],
];

/** `localhost POST /path {"body":1}`, or `localhost follow null`. */
function parseAsked(asked: string) {
  const [, method = "", target = "", body = "{}"] = asked
    .replace("follow null", "GET /api/v1/events")
    .split(" ");
  const [path = "", query = ""] = target.split("?");
  return { method, path, query: Object.fromEntries(new URLSearchParams(query)), body: JSON.parse(body) };
}

/** A wait that ends with a failure sends further requests. */
const failing = {
  "*": {
    [`GET ${nginx}`]: [aDetails(), aDetails({ state: "BROKEN", lookedAt: "2026-03-05T12:00:03Z" })],
    [`POST ${nginx}/pull`]: { message: "looks" },
    [`GET ${nginx}/deployments?limit=1`]: { deployments: [], next: null },
  },
};

const asked = await Promise.all(
  [...lines.map((line) => [line, hosts] as const), ["pull nginx --wait", failing] as const].map(
    async ([line, around]) => ({
      line,
      asked: (await tryOut(line, { hosts: around, says: line.startsWith("roll") ? "1" : "y" })).asked,
    }),
  ),
);

test.each(asked.flatMap(({ line, asked }) => asked.map((question) => [line, question] as const)))(
  "%s: %s",
  (_, question) => {
    const { method, path, query, body } = parseAsked(question);
    const match = matchRoute(routes, method, path);
    expect(match).toHaveProperty("route");
    if (!("route" in match)) return;
    expect(z.safeParse(match.route.query, query).error).toBeUndefined();
    expect(z.safeParse(match.route.body, body).error).toBeUndefined();
  },
);

test("there is a command for every route of the API", () => {
  const used = asked
    .flatMap(({ asked }) => asked.map(parseAsked))
    .flatMap(({ method, path }) => {
      const match = matchRoute(routes, method, path);
      return "route" in match ? [match.route] : [];
    });
  const unused = routes.filter((route) => route.path.startsWith("/api/v1/") && !used.includes(route));
  expect(unused.map(({ path }) => path)).toEqual(["/api/v1/openapi.json"]);
});
