import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tokenCreatedReply } from "../../src/api/shapes.ts";
import { aScene, type Scene } from "../builders/scene.ts";
import { gitopperctlBin } from "../host/gitopper-unit.ts";
import { freePort } from "../host/port.ts";
import { run } from "../host/run.ts";
import { makeTempDir } from "../host/temp-dir.ts";

type Result = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** The client in the host, as a user. */
function ctlAs(scene: Scene, user: string, ...words: readonly string[]): Promise<Result> {
  return scene.host.run(["runuser", "-u", user, "--", gitopperctlBin, ...words], { allowFailure: true });
}

async function aKey(comment: string): Promise<{ readonly secret: string; readonly line: string }> {
  const file = join(makeTempDir("keys"), "key");
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
  return { secret: readFileSync(file, "utf8"), line: readFileSync(`${file}.pub`, "utf8") };
}

test("root and a group come in at the socket, keys over SSH, each with its own role", async () => {
  const [operator, monitor] = await Promise.all([aKey("ops@desk"), aKey("mon@desk")]);
  const sshPort = await freePort();
  await using scene = await aScene({
    global: { keys: [{ path: "ops.pub" }, { path: "mon.pub", ro: true }] },
    api: { group: "watchers" },
    prepare: async ({ host }) => {
      await host.sh("groupadd watchers; useradd --create-home --groups watchers alice; useradd bob");
      await host.write("/etc/gitopper/ops.pub", operator.line);
      await host.write("/etc/gitopper/mon.pub", monitor.line);
      await host.write("/home/alice/.ssh/ops", operator.secret);
      await host.write("/home/alice/.ssh/mon", monitor.secret);
      await host.write("/home/alice/.ssh/config", "StrictHostKeyChecking accept-new\n");
      await host.sh("chown -R alice: /home/alice; chmod -R go= /home/alice/.ssh");
    },
    gitopper: { args: ["-s", `127.0.0.1:${sshPort}`] },
  });
  const first = await scene.upstream.head();
  await scene.gitopper.until("app", (row) => row.hash === first && row.state === "OK");

  expect(await ctlAs(scene, "root", "freeze", "app", "--reason", "a try")).toMatchObject({ status: 0 });
  expect(await ctlAs(scene, "alice", "status", "app")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/app +FREEZE .*by root: a try/),
  });
  expect(await ctlAs(scene, "alice", "unfreeze", "app", "--yes")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("You (alice) may only read: unfreeze needs the role operate"),
  });
  // On the port of that request, the daemon of another test may listen: all hosts share one loopback.
  expect((await ctlAs(scene, "bob", "status")).stdout).not.toContain("a try");

  const overSsh = (key: string, ...words: string[]) =>
    ctlAs(scene, "alice", ...words, `@127.0.0.1:${sshPort}`, "-i", `/home/alice/.ssh/${key}`);
  expect(await overSsh("mon", "status")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("FREEZE"),
  });
  expect(await overSsh("mon", "unfreeze", "app", "--yes")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Your key "mon@desk" may only read: unfreeze needs the role operate'),
  });
  expect(await overSsh("ops", "unfreeze", "app", "--yes", "--wait")).toMatchObject({ status: 0 });
  await scene.gitopper.until("app", (row) => row.state === "OK");

  const { stdout } = await ctlAs(scene, "root", "audit");
  const [, ...lines] = stdout.trimEnd().split("\n");
  const told = [
    /ssh .* 200 +key ops@desk unfroze app$/,
    /ssh .* 403 +key mon@desk may not unfreeze app$/,
    /socket .* 403 +alice may not unfreeze app$/,
    /socket .* 200 +root froze app: a try$/,
  ];
  expect(lines).toEqual(told.map((pattern) => expect.stringMatching(pattern)));
});

test("over HTTPS a token comes in until it is revoked, and is nowhere to be read", async () => {
  const port = await freePort();
  await using scene = await aScene({ gitopper: { args: ["-a", `0.0.0.0:${port}`] } });
  const at = `@127.0.0.1:${port}`;
  const over = ["--via", "https"];
  const first = await scene.upstream.head();
  await untilStatus(scene, first);

  expect(await ctlAs(scene, "root", "status", at, ...over)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("You have to say who you are"),
  });
  const made = await ctlAs(scene, "root", "token", "new", "--name", "ci", "--role", "operate", "--json");
  const { token } = tokenCreatedReply.parse(JSON.parse(made.stdout));
  const withToken = (...words: string[]) =>
    scene.host.run([gitopperctlBin, ...words, at, ...over], {
      allowFailure: true,
      env: { GITOPPER_TOKEN: token },
    });

  expect(await withToken("freeze", "app", "--reason", "from afar")).toMatchObject({ status: 0 });
  expect(await withToken("status")).toMatchObject({
    stdout: expect.stringContaining("by token ci: from afar"),
  });
  expect(await ctlAs(scene, "root", "token", "revoke", "ci")).toMatchObject({ status: 0 });
  expect(await withToken("status")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("revoked"),
  });

  const secret = token.slice(-43);
  const told = await Promise.all([
    scene.gitopper.journal(),
    ...["audit", "token list", "log app", "status --json", "events app --json"].map(async (words) =>
      JSON.stringify(await ctlAs(scene, "root", ...words.split(" "))),
    ),
  ]);
  for (const text of told) expect(text).not.toContain(secret);
  await scene.gitopper.stop();
  const found = await scene.host.run(
    ["grep", "-rlaF", "--devices=skip", secret, "/var/lib/gitopper", "/etc/gitopper"],
    {
      allowFailure: true,
    },
  );
  expect(found.stdout).toBe("");
});

/** Waits at the socket, for on loopback there is HTTPS alone. */
async function untilStatus(scene: Scene, commit: string): Promise<void> {
  const { stdout } = await ctlAs(scene, "root", "pull", "app", "--wait", "20s");
  expect(stdout).toContain(commit.slice(0, 8));
}
