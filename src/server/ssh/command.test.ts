import { describe, expect, test } from "vitest";
import { matchRoute } from "../../api/route.ts";
import { routes } from "../../api/routes.ts";
import { parseSshCommand } from "./command.ts";

test.each([
  ["/list/machine", "GET", "/list/machine"],
  ["/list/service", "GET", "/list/service"],
  ["/list/service nginx", "GET", "/list/service/nginx"],
  ["  /list/services ", "GET", "/list/services"],
  ["/do/freeze app@1", "POST", "/state/freeze/app%401"],
  ["/do/unfreeze nginx", "POST", "/state/unfreeze/nginx"],
  ["/do/rollback nginx 1a2b3c4d", "POST", "/state/rollback/nginx/1a2b3c4d"],
  ["/do/pull nginx", "POST", "/state/pull/nginx"],
  ["/state/pull ../x", "POST", "/state/pull/..%2Fx"],
])("the original's %s is a route, and takes no body", (command, method, target) => {
  expect(parseSshCommand(command)).toEqual({
    method,
    target,
    lastEventId: null,
    takesBody: false,
    writesProblem: false,
  });
  expect(matchRoute(routes, method, target)).toHaveProperty("route");
});

describe("any route", () => {
  test.each([
    ["GET /api/v1/services", { method: "GET", target: "/api/v1/services", takesBody: false }],
    ["get  /x?limit=1", { method: "GET", target: "/x?limit=1" }],
    ["POST /api/v1/services/nginx/freeze", { method: "POST", takesBody: true, writesProblem: true }],
    ["DELETE /api/v1/tokens/ci", { method: "DELETE", takesBody: true }],
    ["GET /api/v1/events Last-Event-ID=42", { target: "/api/v1/events", lastEventId: "42" }],
  ])("%s", (command, wanted) => {
    expect(parseSshCommand(command)).toMatchObject(wanted);
  });
});

test.each([
  ...["", "ls -l", "/list/machine x", "/do/freeze", "/do/freeze a b", "/do/rollback a", "/do/rollback a b c"],
  ...["GET", "GET x", "PUT /x", "GET /x y", "GET /x Last-Event-ID=", "GET /x Last-Event-ID=1 2"],
  ...["__proto__", "constructor x", `GET /${"x".repeat(5000)}`],
])("%j is nothing", (command) => {
  expect(parseSshCommand(command)).toBeNull();
});
