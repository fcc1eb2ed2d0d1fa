import { expect, test } from "vitest";
import { aScene, type Scene } from "../builders/scene.ts";
import { untilEvent } from "../host/unit.ts";

const patches = "/var/lib/gitopper/patches/app";
const checkout = "/srv/gitopper/app";

test("a local edit is drift, and saved as a patch before a pull overwrites it", async () => {
  await using scene = await aScene();
  const { host, gitopper, upstream } = scene;
  const first = await ready(scene);
  await host.sh("echo typed >>/etc/app/conf");
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ stateinfo }) => stateinfo !== "");
  // If the second in which the unit has started is over, it runs with older files, too.
  expect(row).toMatchObject({
    state: "OK",
    stateinfo: expect.stringMatching(
      /^drift: 1 local edit: app\/etc\/conf(; the unit runs with older files.*)?$/,
    ),
  });
  expect(await host.read("/etc/app/conf")).toBe("one\ntyped\n");

  await push(scene, { "app/etc/conf": "two\n" });
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  const saved = await gitopper.untilReason("app", null);
  expect(saved).toMatchObject({ state: "OK", commit: await upstream.head() });
  expect(await applied(scene, first)).toBe("one\ntyped");

  const { stderr } = await gitopper.tryCtl("adopt", "--drift", "app");
  expect(stderr).toContain(`There are no local edits of app; edits that were overwritten are in ${patches}`);
  const [, command = ""] = stderr.split("in a clone: ");
  const { url } = await upstream.serve();
  expect(
    await host.sh(`git clone --quiet ${url} /srv/clone; cd /srv/clone; ${command.trim()}; git diff --cached --stat
      cat app/etc/conf`),
  ).toMatch(/app\/etc\/conf \| 1 \+.*\none\ntyped$/s);
});

test("a new file in the way of a tracked one is saved, and other new files stay", async () => {
  await using scene = await aScene();
  const { host } = scene;
  const first = await ready(scene);
  await host.write("/etc/app/new", "mine\n");
  await host.write("/etc/app/notes", "notes\n");

  await push(scene, { "app/etc/new": "theirs\n" });
  expect(await host.sh("cat /etc/app/new /etc/app/notes")).toBe("theirs\nnotes");
  expect(await applied(scene, first)).toBe("one\nmine");
});

test("what was committed in a checkout is saved too", async () => {
  await using scene = await aScene();
  const { host, gitopper } = scene;
  const first = await ready(scene);
  await host.sh(`echo typed >>/etc/app/conf; cd ${checkout}
    git -c user.name=me -c user.email=me@example.org commit --quiet --all --message mine`);
  await gitopper.pull("app");
  await gitopper.until("app", ({ stateinfo }) =>
    /^drift: the checkout was moved to [0-9a-f]{8}$/.test(stateinfo),
  );

  await push(scene, { "app/etc/conf": "two\n" });
  expect(await host.read("/etc/app/conf")).toBe("two\n");
  expect(await applied(scene, first)).toBe("one\ntyped");
});

/** Waits for the first deployment; answers its commit. */
async function ready({ host, gitopper, upstream }: Scene) {
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK");
  return upstream.head();
}

async function push({ gitopper, upstream }: Scene, files: Readonly<Record<string, string>>): Promise<void> {
  const commit = await upstream.commit(files);
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.hash === commit && row.state === "OK");
}

/** Applies the one patch that there is to the files of `commit`; answers the content of all. */
function applied({ host }: Scene, commit: string): Promise<string> {
  return host.sh(`test "$(ls ${patches} | wc -l)" = 1
    mkdir /srv/try; git -C ${checkout} archive ${commit} app/etc | tar --extract --directory=/srv/try
    cd /srv/try; git apply ${patches}/*.patch; cat app/etc/*`);
}
