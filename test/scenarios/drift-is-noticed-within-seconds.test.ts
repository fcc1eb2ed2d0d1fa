import { expect, test } from "vitest";
import { driftReply } from "../../src/api/shapes.ts";
import { aScene } from "../builders/scene.ts";
import { untilEvent } from "../host/unit.ts";

// A drift scan without a cause runs once an hour.

test("changed, added and removed files are noticed at once, and so is their end", async () => {
  await using drifting = await aDriftingScene();
  const { seen } = drifting;
  await seen("echo typed >>/etc/app/conf", "drift: 1 local edit: app/etc/conf");
  await seen("echo one >/etc/app/conf", "");
  await seen("mkdir -p /etc/app/a/b/c; touch /etc/app/a/b/c/d", "drift: 1 local edit: app/etc/a/b/c/d");
  await seen("rm -rf /etc/app/a /etc/app/deep", "drift: 1 local edit: app/etc/deep/x");
});

test("modes and owners too, and the API lists them", async () => {
  await using drifting = await aDriftingScene();
  const { seen, scene } = drifting;
  await seen("chmod 600 /etc/app/conf", "drift: app/etc/conf: mode 0600 instead of 0644");
  await scene.gitopper.untilReason("app", "local-edits");
  const { json } = await scene.gitopper.get("/api/v1/services/app/drift");
  expect(driftReply.parse(json).attributes).toEqual([
    { path: "app/etc/conf", is: "mode 0600", instead: "0644" },
  ]);
  await seen(
    "chmod 644 /etc/app/conf; chown daemon /etc/app/deep; chmod 700 /etc/app/deep",
    "drift: app/etc/deep: owner 1 instead of root; app/etc/deep: mode 0700 instead of 0755",
  );
  await seen("chown root /etc/app/deep; chmod 755 /etc/app/deep", "");
});

async function aDriftingScene() {
  const scene = await aScene({ files: { "app/etc/conf": "one\n", "app/etc/deep/x": "x\n" } });
  const { host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");
  const seen = async (script: string, drift: string) => {
    await host.sh(script);
    if (drift === "") return void (await gitopper.untilReason("app", null));
    // Files that the unit has not read yet are reported after it.
    const isSeen = (info: string) => `${info};`.startsWith(`${drift};`);
    await gitopper.until("app", (row) => row.state === "OK" && isSeen(row.stateinfo));
  };
  return { scene, seen, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}
