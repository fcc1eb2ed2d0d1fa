import { execFileSync } from "node:child_process";
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
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();

  const leak = await upstream.commit({
    "app/etc/conf": "two\n",
    "app/etc/leak": symlink("/usr/share/dict"),
  });
  await gitopper.pull("app");
  const refused = await gitopper.untilReason("app", "refused");
  expect(refused).toMatchObject({ state: "DIFF", commit: first });
  expect(refused.info).toMatch(
    new RegExp(
      ` ${shortCommit(leak)}: the symlink "app/etc/leak" leads to "/usr/share/dict"; .*outside_symlinks`,
    ),
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");
  expect(await host.exists("/etc/app/leak")).toBe(false);

  const climbs = await upstream.commit({ "app/etc/leak": symlink("../shadow") });
  await gitopper.pull("app");
  await gitopper.untilReason("app", "refused", ({ info }) => info.includes(` ${shortCommit(climbs)}: `));
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
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const head = await upstream.commit({
    "app/etc/conf": "two\n",
    "app/etc/sub": { text: first, mode: "160000" },
  });
  await gitopper.pull("app");
  const refused = await gitopper.untilReason("app", "refused");
  expect(refused).toMatchObject({ state: "DIFF", commit: first });
  expect(refused.info).toBe(
    `REFUSED ${shortCommit(head)}: "app/etc/sub" is a submodule; commit plain files, directories and symlinks alone`,
  );
  expect(await host.read("/etc/app/conf")).toBe("one\n");
});

test("a symlink whose name has its path in it keeps its commit out", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");
  const first = await upstream.head();
  const write = (type: string, content: Buffer) =>
    execFileSync("git", ["-C", upstream.path, "hash-object", "-t", type, "-w", "--literally", "--stdin"], {
      input: content,
      encoding: "utf8",
    }).trim();
  const parent = await upstream.commit({ "app/etc/conf": "two\n" });
  const app = (await upstream.git("rev-parse", "main:app")).stdout.trim();
  const target = write("blob", Buffer.from("/etc/shadow"));
  const entry = (mode: string, name: string, id: string) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
  // git-mktree(1) would not write it.
  const root = write(
    "tree",
    Buffer.concat([entry("40000", "app", app), entry("120000", "app/etc/leak", target)]),
  );
  const commit = write(
    "commit",
    Buffer.from(
      `tree ${root}\nparent ${parent}\nauthor a <a@a> 1 +0000\ncommitter a <a@a> 1 +0000\n\nleak\n`,
    ),
  );
  await upstream.git("update-ref", "refs/heads/main", commit);
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.hash).toBe(first);
  expect(row.stateinfo).toContain('"app/etc/leak"');
  expect(await host.sh("ls /etc/app")).toBe("conf");
});
