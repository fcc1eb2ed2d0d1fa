import { expect, test } from "vitest";
import { aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { addService, events, untilEvent } from "../host/unit.ts";

const other = aService({
  service: "other",
  branch: "other",
  dirs: [{ local: "/etc/other", link: "app/etc" }],
});

test("a branch that disappears, or becomes one below its name, leaves the files, and is followed again when it is back", async () => {
  await using scene = await aScene({
    branches: ["other"],
    more: [other],
    prepare: ({ host }) => addService(host, "other", { readsFile: "/etc/other/conf" }),
  });
  const { host, gitopper, upstream, served } = scene;
  await untilEvent(host, "app", "start one");
  await untilEvent(host, "other", "start one");
  const first = await upstream.head();
  await gitopper.until("app", (row) => row.state === "OK");
  await gitopper.until("other", (row) => row.state === "OK");

  await upstream.deleteBranch("main");
  await gitopper.pull("app");
  const missing = await gitopper.untilReason("app", "branch-missing");
  expect(missing).toMatchObject({ state: "DIFF", commit: first });
  expect(missing.info).toMatch(/^Branch "main" is not at "http:.*; push it/);
  expect(await host.read("/etc/app/conf")).toBe("one\n");

  // Git itself takes no ref `main` and `main/web` at once.
  await upstream.git("update-ref", "refs/heads/main/web", first);
  const early = await upstream.commit({ "app/etc/conf": "early\n" }, { branch: "other" });
  await gitopper.pull("other");
  await gitopper.until("other", ({ state, hash }) => state === "OK" && hash === early);
  await gitopper.pull("app");
  await gitopper.untilReason("app", "branch-missing", ({ info }) => info === missing.info);
  const doctor = await gitopper.tryCtl("doctor", "@");
  expect(doctor.status).not.toBe(0);
  const lines = doctor.stdout.replaceAll(/\s+/g, " ");
  expect(lines).toContain(`branch main of ${served.url}`);
  expect(lines).toContain("upstream has no such branch; app cannot follow it");
  expect(lines).toContain("push the branch, or name another one in the config");
  expect(lines).not.toContain("branch other of");

  await upstream.deleteBranch("main/web");
  await upstream.git("update-ref", "refs/heads/main", first);
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
  expect((await gitopper.tryCtl("doctor", "@")).stdout).not.toContain("branch main");
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
  expect(await events(host, "other")).toEqual(["start one", "reload early"]);
});
