import { expect, test } from "vitest";
import type { Commit } from "../../src/model/commit.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import { type PushMade, webhookOf } from "../builders/webhooks.ts";
import type { TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { events, untilEvent } from "../host/unit.ts";

const githubSecret = "github-s3cret-1f0c9a7e5b";
const gitlabSecret = "gitlab-s3cret-77d2c4e8aa";

/** Upstream is polled once a day: what happens, a webhook has done. */
function aHookedScene(): Promise<Scene> {
  return aScene({
    branches: ["staging"],
    gitopper: { duration: "24h", extra: "LoadCredential=gitlab:/root/gitlab.secret" },
    webhooks: [
      { name: "github", kind: "github", secret_file: "github.secret" },
      { name: "gitlab", kind: "gitlab", secret_credential: "gitlab" },
    ],
    prepare: async ({ host }) => {
      await writeSecret(host, "/etc/gitopper/github.secret", githubSecret);
      await writeSecret(host, "/root/gitlab.secret", gitlabSecret);
    },
  });
}

async function writeSecret(host: TestHost, path: string, secret: string): Promise<void> {
  await host.write(path, `${secret}\n`);
  await host.run(["chmod", "600", path]);
}

/** Sends the forge's webhook for a push to the scene's upstream. */
function tell({ gitopper, served }: Scene, kind: "github" | "gitlab", made: PushMade, name: string = kind) {
  const secret = kind === "github" ? githubSecret : gitlabSecret;
  const where = { host: new URL(served.url).host, path: "repo" };
  return gitopper.request("POST", `/webhook/${name}`, webhookOf(kind, { ...where, secret, ...made }));
}

async function deployed({ host, gitopper }: Scene, commit: Commit, text: string): Promise<void> {
  await untilEvent(host, "app", `reload ${text}`);
  await gitopper.until("app", (row) => row.hash === commit && row.state === "OK");
}

test("a push with a webhook is deployed at once, and nothing shows the secrets", async () => {
  await using scene = await aHookedScene();
  const { upstream, host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  expect(await tell(scene, "github", { after: second })).toMatchObject({
    status: 202,
    json: { message: "woke app" },
  });
  await deployed(scene, second, "two");
  expect(await gitopper.ctl("log", "@", "app")).toContain("webhook");

  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  expect(await tell(scene, "gitlab", { after: third, before: second })).toMatchObject({ status: 202 });
  await deployed(scene, third, "three");

  const wrong = { after: third, secret: "github-s3cret-that-is-wrong" };
  expect(await tell(scene, "github", wrong)).toMatchObject({ status: 401 });
  expect(await tell(scene, "github", wrong, "nope")).toMatchObject({ status: 401 });
  expect(await tell(scene, "github", { ref: "refs/heads/other" })).toMatchObject({ status: 200 });
  expect(await tell(scene, "github", { host: "git.example.org" })).toMatchObject({ status: 200 });

  const metrics = (await gitopper.get("/metrics")).text;
  for (const line of [
    '{webhook="github",result="woke"} 1',
    '{webhook="github",result="ignored"} 2',
    '{webhook="github",result="refused"} 1',
    '{webhook="gitlab",result="woke"} 1',
    '{webhook="unknown",result="refused"} 1',
  ])
    expect(metrics).toContain(`gitopper_webhooks_total${line}`);
  const journal = await gitopper.journal();
  expect(journal).toContain("webhook github: woke app");
  expect(journal).not.toContain("s3cret");
  expect(await gitopper.ctl("doctor", "@")).toContain("2, with their secrets");
});

test("a mirror that shows a push late is polled until it does", async () => {
  await using scene = await aHookedScene();
  const { upstream, host, served } = scene;
  await untilEvent(host, "app", "start one");
  await scene.gitopper.until("app", ({ state }) => state === "OK");
  const second = await upstream.commit({ "app/etc/conf": "two\n" }, { branch: "staging" });
  const asked = () => served.requests.filter((request) => request.includes("info/refs")).length;
  const before = asked();
  expect(await tell(scene, "github", { after: second })).toMatchObject({ status: 202 });
  await poll(asked, (count) => count >= before + 2, {
    everyMs: 20,
    timeoutMs: 20_000,
    failure: (count) => `asked ${count - before} times`,
  });
  await upstream.git("update-ref", "refs/heads/main", second);
  await deployed(scene, second, "two");
});

test("a secret that is replaced counts at once, and one that others can read does not count at all", async () => {
  await using scene = await aHookedScene();
  const { upstream, host, gitopper } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const after = await upstream.commit({ "app/etc/conf": "two\n" });
  const statusWith = async (secret: string) => (await tell(scene, "github", { after, secret })).status;
  const until = (secret: string, wanted: number) =>
    poll(
      () => statusWith(secret),
      (status) => status === wanted,
      {
        everyMs: 200,
        timeoutMs: 10_000,
        failure: (status) => `it is ${status}`,
      },
    );

  const fresh = "github-s3cret-that-is-new";
  await writeSecret(host, "/etc/gitopper/github.secret", fresh);
  await until(fresh, 202);
  expect(await statusWith(githubSecret)).toBe(401);
  await deployed(scene, after, "two");

  await host.run(["chmod", "644", "/etc/gitopper/github.secret"]);
  await until(fresh, 401);
  expect(await gitopper.journal()).toContain(
    'webhook github: /etc/gitopper/github.secret may be for root alone; look at owner and mode of "/etc/gitopper/github.secret"',
  );
});

test("a hundred webhooks during a poll cause one more poll and one verb", async () => {
  await using scene = await aHookedScene();
  const { upstream, host, gitopper, served } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");
  await host.write("/usr/local/sbin/git", gitThatWaits, "0755");
  const asked = () => served.requests.filter((request) => request.includes("info/refs")).length;
  const before = asked();

  const second = await upstream.commit({ "app/etc/conf": "two\n" });
  await host.sh("touch /run/wait");
  // As a forge does: a few connections, one webhook after another.
  for (let sent = 0; sent < 100; sent += 10) {
    // Different ones: repetitions are ignored.
    const ten = Array.from({ length: 10 }, (_, at) =>
      tell(scene, "github", { after: second, before: String(sent + at).padStart(40, "0") }),
    );
    for (const reply of await Promise.all(ten)) expect(reply).toMatchObject({ status: 202 });
  }
  await host.sh("rm /run/wait");
  await deployed(scene, second, "two");

  // What still waited of them would come before this.
  const third = await upstream.commit({ "app/etc/conf": "three\n" });
  await tell(scene, "github", { after: third, before: second });
  await deployed(scene, third, "three");
  // The hundred: the running poll, one that waited, and the files. Then one more poll, with its files.
  expect(asked() - before).toBeLessThanOrEqual(3 + 2);
  expect(await events(host, "app")).toEqual(["start one", "reload two", "reload three"]);
});

/** Fetches wait for as long as there is /run/wait. */
const gitThatWaits = `#!/bin/sh
case " $* " in *" fetch "*) while [ -e /run/wait ]; do sleep 0.05; done;; esac
exec /usr/bin/git "$@"
`;
