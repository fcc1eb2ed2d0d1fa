import { expect, test } from "vitest";
import { requestOf } from "../../reconcile/reconcile-request.ts";
import { PollRequests } from "./poll-requests.ts";

test("a request is pending until the poll that serves it has ended", () => {
  const requests = new PollRequests();
  expect(requests.isPending("app")).toBe(false);
  requests.add("app", requestOf("pull"));
  expect(requests.isPending("app")).toBe(true);
  expect(requests.begin()).toEqual(new Map([["app", requestOf("pull")]]));
  expect(requests.isPending("app")).toBe(true);
  requests.current = new Map();
  expect(requests.isPending("app")).toBe(false);
  expect(requests.of("app")).toBeNull();
});

test("requests before a poll are joined: the more specific trigger counts, with what any of them may", () => {
  const requests = new PollRequests();
  requests.add("app", requestOf("poll", { overrideWindow: true, by: "ops", reason: "" }));
  requests.add("app", requestOf("pull"));
  expect(requests.begin().get("app")).toMatchObject({ trigger: "pull", overrideWindow: true });
});

test("a request during a poll is for the next one, and the running one has its own cause", () => {
  const requests = new PollRequests();
  requests.add("app", requestOf("pull"));
  requests.begin();
  requests.add("app", requestOf("rollback"));
  requests.add("web", requestOf("pull"));
  expect(requests.of("app")?.trigger).toBe("pull");
  expect(requests.of("web")?.trigger).toBe("pull");
  expect([...requests.current.keys()]).toEqual(["app"]);
  requests.current = new Map();
  expect(requests.begin()).toEqual(
    new Map([
      ["app", requestOf("rollback")],
      ["web", requestOf("pull")],
    ]),
  );
});
