import { expect, test } from "vitest";
import { sampleHost } from "../../scripts/sample.ts";
import type { Host } from "./host.ts";
import { routes } from "./routes.ts";
import { readingRoutes } from "./v1-routes.ts";

test("every route that needs the role operate names its action", () => {
  const nameless = routes.filter(({ role, act }) => role === "operate" && act === undefined);
  expect(nameless.map(({ path }) => path)).toEqual([]);
});

test("output of programs and units of a failed deployment needs the role operate", async () => {
  const deployments: Host["deployments"] = async (...args) => {
    const found = await sampleHost.deployments(...args);
    if (!found.ok) return found;
    return { ...found, value: found.value.map((row) => ({ ...row, output: "password", journal: "token" })) };
  };
  const caller = { role: "operate", who: "root", door: "socket", from: "local", credential: "" } as const;
  const asked = { params: { service: "app" }, query: { limit: 1, before: null }, body: {}, caller };
  const signal = AbortSignal.timeout(1_000);
  const routes = readingRoutes.filter(({ path }) => path.includes("/deployments"));
  const seen = routes.map(async ({ role, handle }) => {
    const { body } = await handle({ ...sampleHost, deployments }, { ...asked, lastEventId: null, signal });
    return [role, String(body).match(/"output":.*?,"journal":[^,}]*/)?.[0]];
  });
  expect(await Promise.all(seen)).toEqual([
    ["read", '"output":null,"journal":null'],
    ["operate", '"output":"password","journal":"token"'],
  ]);
});
