/** The route table that every listener serves. */
import { describe } from "./openapi.ts";
import { originalRoutes } from "./original-routes.ts";
import { json } from "./problem.ts";
import { anything, type Route, route } from "./route.ts";
import { changingRoutes } from "./v1-changes.ts";
import { readingRoutes } from "./v1-routes.ts";

const listed: readonly Route[] = [...readingRoutes, ...changingRoutes, ...originalRoutes];

const openapi: Route = route({
  method: "GET",
  path: "/api/v1/openapi.json",
  role: "read",
  purpose: "The OpenAPI 3.1 description of this API.",
  reply: anything,
  handle: () => json(200, describe([...listed, openapi])),
});

export const routes: readonly Route[] = [...listed, openapi];
