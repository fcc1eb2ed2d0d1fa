import { expect, test } from "vitest";
import { auditReply, commitsReply, deploymentsReply, serviceDetails } from "../../src/api/shapes.ts";
import { mount } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import type { Gitopper } from "../host/gitopper.ts";
import { untilEvent } from "../host/unit.ts";

const one = "/api/v1/services/app";

async function details(gitopper: Gitopper) {
  return serviceDetails.parse((await gitopper.get(one)).json);
}

test("before a pull the API says what it would bring, afterwards what it did, and events can be resumed", async () => {
  await using scene = await aScene();
  const { gitopper, host, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.hash === first);
  expect(await details(gitopper)).toMatchObject({
    commit: first,
    state: "OK",
    tip: first,
    behind: 0,
    held: null,
    branch: "main",
    unit: { active: "active", sub: "running", restarts: 0 },
    links: [{ link: "app/etc", local: "/etc/app", file: false }],
  });

  const frozen = await gitopper.post(`${one}/freeze`, { reason: "release week", for: "2h" });
  expect(frozen).toMatchObject({ status: 200 });
  const held = await details(gitopper);
  expect(held).toMatchObject({ reason: "frozen", held: { by: "root", reason: "release week" } });
  expect(held.state).toBe("FREEZE");
  const spanMs = Date.parse(held.held?.until ?? "") - Date.parse(held.held?.since ?? "");
  expect(Math.round(spanMs / 1000)).toBe(7_200);
  expect(held.info).toMatch(/^by root until .*: release week$/);

  await upstream.commit({ "other/file": "x\n" });
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.post(`${one}/unfreeze`);
  await gitopper.until("app", (row) => row.hash === second && row.state === "OK");
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  const page = deploymentsReply.parse((await gitopper.get(`${one}/deployments?limit=1`)).json);
  expect(page.deployments).toMatchObject([
    { from: first, to: second, trigger: "unfreeze", by: "root", result: "done" },
  ]);
  const words = await upstream.git("log", "-1", "--format=%an|%s", second);
  expect(page.deployments.map(({ author, subject }) => `${author}|${subject}`)).toEqual([
    words.stdout.trim(),
  ]);
  const older = deploymentsReply.parse((await gitopper.get(`${one}/deployments?before=${page.next}`)).json);
  expect(older).toMatchObject({ deployments: [{ from: null, to: first }], next: null });

  await gitopper.post(`${one}/rollback`, { commit: first.slice(0, 8), reason: "two is wrong" });
  await gitopper.until("app", (row) => row.hash === first && row.state === "FREEZE");
  const ahead = commitsReply.parse((await gitopper.get(`${one}/ahead`)).json);
  expect(ahead).toMatchObject({ from: first, to: second, commits: [{ commit: second }], truncated: false });
  expect(await details(gitopper)).toMatchObject({
    behind: 1,
    info: `ROLLBACK: ${first} (by root: two is wrong)`,
  });
  const diff = await gitopper.get(`${one}/diff`);
  expect(diff.json).toMatchObject({ from: first, to: second, diff: expect.stringContaining("-one\n+two\n") });
  expect((await gitopper.get(`${one}/plan?to=${second.slice(0, 10)}`)).json).toMatchObject({
    to: second,
    steps: [
      `stage ${second.slice(0, 8)} beside the checkout`,
      `publish ${second.slice(0, 8)}`,
      "systemctl reload app",
      "see that app is well",
    ],
  });
  expect((await gitopper.get(`${one}/plan`)).json).toMatchObject({ to: first, steps: [] });

  await host.write(`${mount}/app/app/etc/conf`, "typed\n");
  expect((await gitopper.get(`${one}/drift`)).json).toMatchObject({
    edits: [{ path: "app/etc/conf", kind: "changed" }],
    mounts: [{ local: "/etc/app", link: "app/etc", is: "mounted" }],
    unit: { load: "loaded", active: "active" },
  });

  expect(await gitopper.ctl("drift", "--diff", "@", "app")).toContain("-one\n+typed\n");

  const all = await gitopper.events(0, 5);
  expect(all[0]?.text).toMatch(/^deployed/);
  const rest = await gitopper.events(all[1]?.id ?? 0, 3);
  expect(rest).toEqual(all.slice(2));

  const { entries } = auditReply.parse((await gitopper.get("/api/v1/audit")).json);
  expect(entries.map(({ what, who, reason, status }) => [what, who, reason, status])).toEqual([
    [`POST ${one}/rollback`, "root", "two is wrong", 200],
    [`POST ${one}/unfreeze`, "root", "", 200],
    [`POST ${one}/freeze`, "root", "release week", 200],
  ]);
});

test("a request that cannot be answered or carried out is refused with a reason", async () => {
  await using scene = await aScene();
  const { gitopper, upstream } = scene;
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.hash === first && row.state === "OK");
  const refused = async (status: number, why: string, path: string, body?: unknown) => {
    const reply = body === undefined ? await gitopper.get(path) : await gitopper.post(path, body);
    expect(reply).toMatchObject({ status, json: { detail: expect.stringContaining(why) } });
  };
  await refused(404, 'no service "nope"', "/api/v1/services/nope");
  await refused(409, "no such commit", `${one}/diff?to=abcdef12`);
  await refused(409, "hex digits", `${one}/plan?to=main`);
  await refused(400, "limit", `${one}/deployments?limit=0`);
  await refused(400, "for", `${one}/freeze`, { for: "soon" });
  await refused(400, "until", `${one}/freeze`, { until: "tomorrow" });
  await refused(409, "past", `${one}/freeze`, { until: "2020-01-01T00:00:00Z" });
  await refused(400, "commit", `${one}/rollback`, {});
  await refused(400, "reason", `${one}/pull`, { reason: "x".repeat(1_000) });
  expect((await gitopper.get("/list/service/app")).json).toMatchObject({ services: [{ state: "OK" }] });
});
