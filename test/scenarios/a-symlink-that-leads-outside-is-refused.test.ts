import { expect, test } from "vitest";
import { shortCommit } from "../../src/model/commit.ts";
import { aConfig, aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { events, untilEvent } from "../host/unit.ts";

const symlink = (target: string) => ({ text: target, mode: "120000" });

test("a symlink that leads outside keeps its commit out, one that stays inside goes in", async () => {
  await using scene = await aScene({ gitopper: { args: ["-r"] } });
  const { host, gitopper, upstream, served } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();

  const leak = await upstream.commit({
    "app/etc/conf": "two\n",
    "app/etc/leak": symlink("/usr/share/dict"),
  });
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(first);
  expect(row.stateinfo).toMatch(
    new RegExp(
      `^REFUSED ${shortCommit(leak)}: the symlink "app/etc/leak" leads to "/usr/share/dict"; .*outside_symlinks`,
    ),
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await host.exists("/etc/app/leak")).toBe(false);

  const climbs = await upstream.commit({ "app/etc/leak": symlink("../shadow") });
  await gitopper.pull("app");
  await gitopper.until("app", ({ stateinfo }) => stateinfo.startsWith(`REFUSED ${shortCommit(climbs)}: `));
  expect(await events(host, "app")).toEqual(["start one"]);

  const inside = await upstream.commit({ "app/etc/leak": null, "app/etc/sub/conf": symlink("../conf") });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === inside);
  expect(await host.read("/etc/app/sub/conf")).toBe("two\n");

  // What the config allows is tried again: the same commit is another one in another light.
  const allowed = await upstream.commit({ "app/etc/leak": symlink("/usr/share/dict") });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state }) => state === "DIFF");
  await gitopper.writeConfig(aConfig(served.url, [aService({ outside_symlinks: ["/usr/share/dict"] })]));
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === allowed);
});

test("a submodule keeps its commit out", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  const first = await upstream.head();
  const head = await upstream.commit({
    "app/etc/conf": "two\n",
    "app/etc/sub": { text: first, mode: "160000" },
  });
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(first);
  expect(row.stateinfo).toBe(
    `REFUSED ${shortCommit(head)}: "app/etc/sub" is a submodule; commit plain files, directories and symlinks alone`,
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});
