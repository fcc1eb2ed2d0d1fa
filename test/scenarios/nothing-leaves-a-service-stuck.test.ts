import { expect, test } from "vitest";
import { aScene } from "../builders/scene.ts";
import { poll } from "../host/poll.ts";
import { events, untilEvent } from "../host/unit.ts";

/** In the store, as root. */
const damages = {
  "a stale lock of a ref": "touch -d '2 minutes ago' refs/remotes/origin/main.lock",
  "a stale lock of the index": "touch -d '2 minutes ago' worktrees/app/index.lock",
  "a lock from before the clock was set back": "touch -d '2 days' worktrees/app/HEAD.lock",
  "an empty ref": ": > refs/remotes/origin/main",
  "empty packs": "for p in objects/pack/*.pack; do chmod u+w $p; : > $p; done",
  "a store whose removal was cut off": "rm -rf HEAD objects worktrees",
  "a corrupt index": "echo garbage > worktrees/app/index",
  "a checkout whose administration is gone": "rm -rf worktrees/app",
  "files that root's git left":
    "mv objects /var/lib/lost; mkdir -p objects/pack; chown -R root: . && chmod -R go-w .",
  "no store at all": 'mv "$PWD" /root/gone',
} as const;

test("whatever happens to a store, the next commit is deployed, and the unit gets no other verb", async () => {
  await using scene = await aScene({
    files: { "app/etc/conf": "0\n", "app/etc/same": "same\n" },
    service: { user: "alice" },
    prepare: ({ host }) => host.sh("useradd --create-home alice"),
  });
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start 0");
  const store = await host.sh("echo /var/lib/gitopper/stores/*");
  const unmoved = () =>
    host.sh("stat -c '%i %Y' /etc/app/same /srv/gitopper/app/app/etc/same; stat -c %i /srv/gitopper/app");
  const before = await unmoved();
  const heard = ["start 0"];
  for (const [index, [name, script]] of Object.entries(damages).entries()) {
    await host.sh(`cd ${store} && ${script}`);
    const commit = await upstream.commit({ "app/etc/conf": `${index + 1}\n` });
    await gitopper.pull("app");
    await gitopper
      .until("app", ({ state, hash }) => state === "OK" && hash === commit)
      .catch((error) => {
        throw new Error(`after ${name}: ${error}`);
      });
    heard.push(`reload ${index + 1}`);
    // It may get the verb twice: the files may be there before git has recorded it.
    expect([...new Set(await events(host, "app"))], name).toEqual(heard);
    expect(await unmoved(), name).toBe(before);
    expect(await host.sh(`find ${store} ! -user alice`), name).toBe("");
    // A store is rebuilt at most once in ten minutes.
    await gitopper.restart();
  }
  await poll(
    () => host.sh("ls /var/lib/gitopper/stores | wc -l"),
    (count) => count === "1",
    { everyMs: 50, timeoutMs: 10_000, failure: (count) => `${count} stores are left` },
  );
});
