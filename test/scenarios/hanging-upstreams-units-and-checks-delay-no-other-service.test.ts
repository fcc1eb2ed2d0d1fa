import { expect, test } from "vitest";
import type { ServiceFile } from "../../src/config/file.ts";
import { aService } from "../builders/config.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import { addService } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

// More than run at once of anything, so that whoever waits for all of them to end waits for ever.
const many = Array.from({ length: 10 }, (_, service) => `slow${service}`);
const filesOf = (names: readonly string[], text: string) =>
  Object.fromEntries(names.map((name) => [`${name}/etc/conf`, text]));
const slowService = (name: string, more: ServiceFile = {}): ServiceFile =>
  aService({ service: name, action: "", dirs: [{ local: `/etc/${name}`, link: `${name}/etc` }], ...more });
const files = { "app/etc/conf": "one\n", ...filesOf(many, "one\n") };

/** The progress of `app` when the others are checked: they still hang then. */
async function whenDone({ gitopper }: Scene, commit: string) {
  await gitopper.until("app", (row) => row.hash === commit && row.state === "OK");
  const rows = await gitopper.services();
  return rows.filter(({ service }) => service !== "app");
}

/** Deploys two commits to `app`, and expects that all other services are still without their first one, which `why` says. */
async function othersBeside(scene: Scene, why: string) {
  const { upstream, gitopper } = scene;
  await whenDone(scene, await upstream.head());
  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  const others = await whenDone(scene, second);
  for (const row of others)
    expect(row, why).toMatchObject({ hash: "", stateinfo: expect.stringMatching(/not deployed yet$/) });
  return others;
}

test("upstreams that take connections and never answer", async () => {
  await using silent = await makeUpstream({ files });
  const hanging = await silent.serve();
  hanging.hang();
  // Each is an upstream of its own, with two services.
  const more = many.flatMap((name) => [
    slowService(name, { upstream: `${hanging.url}/${name}` }),
    slowService(`${name}-too`, { upstream: `${hanging.url}/${name}` }),
  ]);
  await using scene = await aScene({ more, unit: {} });
  const { upstream, gitopper } = scene;
  expect(await othersBeside(scene, "still waits for its upstream")).toHaveLength(2 * many.length);

  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  const startedMs = performance.now();
  const pulled = await gitopper.tryCtl("pull", "--all", "--wait", "3s", "@");
  // One after another they are waited for a minute.
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  expect(pulled).toMatchObject({ status: 1, stderr: expect.stringContaining("app: deploying ") });
  const [app, ...rest] = pulled.stdout.trimEnd().split("\n");
  expect(app).toMatch(`app is OK at ${third.slice(0, 8)}`);
  expect(app).toContain("; done: fetched · live · reloaded");
  expect(rest).toHaveLength(2 * many.length);
  for (const line of rest) expect(line).toMatch(/^slow\S+: Gave up waiting after 3 s, and the work goes on/);
});

test("units whose reload hangs", async () => {
  await using scene = await aScene({
    files,
    more: many.map((name) => slowService(name, { action: "reload" })),
    prepare: async ({ host }) => {
      for (const name of many) await addService(host, name, { execReload: "/bin/sleep infinity" });
    },
  });
  const { upstream, gitopper, host } = scene;
  const first = await upstream.head();
  for (const name of [...many, "app"])
    await gitopper.until(name, (row) => row.hash === first && row.state === "OK");
  await upstream.commit(filesOf(many, "two\n"));
  await gitopper.pull("app");
  await host.sh("until systemctl list-jobs | grep -c reload | grep -qx 8; do sleep 0.1; done");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  const others = await whenDone(scene, second);
  for (const row of others)
    expect(row, "is still told of its files").toMatchObject({ hash: first, state: "OK" });
});

test("checks that sleep", async () => {
  const check = [["/bin/sleep", "600"]];
  await using scene = await aScene({
    files,
    more: many.map((name) => slowService(name, { check, check_timeout: "10m" })),
    service: { check: [["/bin/grep", "-q", ".", "/etc/app/conf"]] },
  });
  await othersBeside(scene, "is still checked");
});

test("gits that hang on the files of one upstream", async () => {
  await using slow = await makeUpstream({ files });
  const { url } = await slow.serve();
  const git = "/usr/local/sbin/git";
  const hang = 'case " $* " in *" -C /srv/gitopper/slow"*) exec sleep infinity;; esac';
  await using scene = await aScene({
    more: many.map((name) => slowService(name, { upstream: url })),
    prepare: async ({ host }) => {
      await host.write(git, `#!/bin/sh\n${hang}\nexec /usr/bin/git "$@"\n`, "0755");
    },
  });
  await othersBeside(scene, "still waits for its git");
});
