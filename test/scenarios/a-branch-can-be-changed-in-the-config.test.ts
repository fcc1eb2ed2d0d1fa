import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import { untilEvent } from "../host/unit.ts";

const global = { fast_forward_only: true };

test("with fast_forward_only another branch of the config is followed, descendant or not", async () => {
  await using scene = await aScene({ global, branches: ["canary"] });
  const { host, gitopper, upstream } = scene;
  await apart(scene);
  const canary = await upstream.head("canary");
  await changeBranch(scene, "canary");

  await gitopper.untilReason("app", null, ({ commit }) => commit === canary);
  expect(await host.read("/etc/app/conf")).toBe("canary\n");
});

test("the history of the new branch may not be rewritten either", async () => {
  await using scene = await aScene({ global, branches: ["canary"] });
  const { host, gitopper, upstream } = scene;
  const { first } = await apart(scene);
  await changeBranch(scene, "canary");
  const canary = await upstream.head("canary");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === canary);

  await upstream.forcePush({ "app/etc/conf": "rewritten\n" }, { branch: "canary", onto: first });
  await gitopper.pull("app");
  const { state, info } = await gitopper.untilReason("app", "history-rewritten");
  expect(state).toBe("DIFF");
  expect(info).toContain('"canary"');
  expect(await host.read("/etc/app/conf")).toBe("canary\n");
});

/** The service is at `main`, and `canary` is at a commit that does not descend from it. */
async function apart({ host, gitopper, upstream }: Scene) {
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const main = await upstream.commit({ "app/etc/conf": "main\n" });
  await upstream.commit({ "app/etc/conf": "canary\n" }, { branch: "canary" });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === main);
  return { first };
}

async function changeBranch({ gitopper, served }: Scene, branch: string): Promise<void> {
  await gitopper.writeConfig(aConfig(served.url, [aService({ branch })], global));
  await gitopper.restart();
}
