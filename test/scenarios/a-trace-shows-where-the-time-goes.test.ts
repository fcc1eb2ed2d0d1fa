import { expect, test } from "vitest";
import { parseTrace, spansOf, type TracedSpan } from "../../bench/trace.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import { webhookOf } from "../builders/webhooks.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { untilEvent } from "../host/unit.ts";

const secret = "github-s3cret-1f0c9a7e5b";
const path = "/var/trace.json";

/** The daemon writes a trace, and is not started again when it ends. */
function aTracedScene(file = path): Promise<Scene> {
  return aScene({
    gitopper: { duration: "24h", args: ["--trace", file], restart: "no" },
    webhooks: [{ name: "github", kind: "github", secret_file: "github.secret" }],
    prepare: async ({ host }) => {
      await host.write("/etc/gitopper/github.secret", `${secret}\n`);
      await host.run(["chmod", "600", "/etc/gitopper/github.secret"]);
      await host.sh("mkdir /small; mount -t tmpfs -o size=32k none /small");
    },
  });
}

async function push({ upstream, served, gitopper, host }: Scene, text: string): Promise<void> {
  const after = await upstream.commit({ "app/etc/conf": `${text}\n` });
  const { host: where } = new URL(served.url);
  const sent = webhookOf("github", { host: where, path: "repo", secret, after });
  expect(await gitopper.request("POST", "/webhook/github", sent)).toMatchObject({ status: 202 });
  await untilEvent(host, "app", `reload ${text}`);
  await gitopper.until("app", (row) => row.hash === after && row.state === "OK");
}

const read = (scene: Scene, file = path): Promise<string> => scene.host.sh(`cat ${file}`);

test("a trace shows every step of a push, and is readable after a stop and after a kill", async () => {
  await using scene = await aTracedScene();
  const { gitopper, host } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  await push(scene, "two");
  await gitopper.kill9();
  const killed = await read(scene);
  expectStory(spansOf(parseTrace(killed)));
  expect(killed).not.toContain("s3cret");
  expect(await host.sh(`stat -c %a ${path}`)).toBe("600");

  await gitopper.start();
  await push(scene, "three");
  await gitopper.stop();
  const stopped = await read(scene);
  expect(() => JSON.parse(stopped)).not.toThrow();
  expectStory(spansOf(parseTrace(stopped)));
  expect(await read(scene, `${path}.old`)).toBe(killed);
});

/** From the webhook on, in this order. */
function expectStory(spans: readonly TracedSpan[]): void {
  const names = spans.map(({ name }) => name);
  const story = ["POST /webhook/github", "poll", "git fetch", "reconcile", "publish", "systemctl reload"];
  let at = 0;
  for (const name of story) {
    const found = names.indexOf(name, at);
    expect(found, `${name} after ${names.slice(0, at)}`).toBeGreaterThanOrEqual(0);
    at = found;
  }
}

test("a disk that is full ends the trace and not the daemon", async () => {
  await using scene = await aTracedScene("/small/trace.json");
  await untilEvent(scene.host, "app", "start one");
  for (const text of ["two", "three", "four", "five"]) await push(scene, text);
  expect(() => parseTrace("")).toThrow();
  expect(parseTrace(await read(scene, "/small/trace.json")).length).toBeGreaterThan(10);
  const journal = await scene.gitopper.journal();
  expect(journal.split("the trace /small/trace.json ends here: no space left on device").length).toBe(2);
});

test("a trace file that cannot be written is reported before anything else", async () => {
  await using scene = await aTracedScene();
  const { status, stderr } = await scene.host.run(
    [gitopperBin, "-c", configPath, "--trace", "/nowhere/trace.json"],
    { allowFailure: true },
  );
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'gitopper: Cannot write a trace to "/nowhere/trace.json": no such file or directory\n',
  });
});
