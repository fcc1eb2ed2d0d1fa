import { expect, test } from "vitest";
import { aScene, type Stage } from "../builders/scene.ts";
import type { TestHost } from "../host/host.ts";
import { events, untilEvent } from "../host/unit.ts";

const files = { conf: "one\n", ".gitattributes": "* text\n", "sub/page": "page\n" };
const dirs = [{ local: "/etc/app", link: "." }];
const pointer = "/srv/gitopper/.app.git";
const listed = (host: TestHost) => host.sh("ls -A /etc/app");

async function prepare({ host }: Stage): Promise<void> {
  await host.run(["useradd", "--system", "--create-home", "appuser"]);
}

test("a repository that is mounted as a whole shows no .git, one that had it before an upgrade included", async () => {
  await using scene = await aScene({ files, prepare, service: { user: "appuser", dirs } });
  const { host, gitopper, upstream } = scene;
  const first = await upstream.head();
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === first);
  expect(await listed(host)).toBe(".gitattributes\nconf\nsub");

  // As gitopper had it before.
  const inode = await host.sh("stat -c %i /etc/app/conf");
  await host.run(["systemctl", "stop", "gitopper"]);
  await host.sh(`mv ${pointer} /srv/gitopper/app/.git; chown appuser: /srv/gitopper/app/.git`);
  expect(await listed(host)).toContain(".git\n");
  await host.run(["systemctl", "start", "gitopper"]);
  expect(await listed(host)).toBe(".gitattributes\nconf\nsub");
  expect(await host.sh(`stat -c '%U %a' ${pointer}; stat -c %i /etc/app/conf`)).toBe(`root 644\n${inode}`);

  await host.sh("runuser -u appuser -- sh -c 'echo typed >/etc/app/conf; echo new >/etc/app/new'");
  await gitopper.pull("app");
  await gitopper.until("app", (row) => row.stateinfo.startsWith("drift: 2 local edits: conf, new"));
  const second = await upstream.commit({ conf: "two\n", "sub/page": null });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === second);
  expect(await listed(host)).toBe(".gitattributes\nconf\nnew");
  expect(await host.sh("cat /var/lib/gitopper/patches/app/*.patch")).toContain("+typed");
  // The upgrade itself ran no verb.
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
});
