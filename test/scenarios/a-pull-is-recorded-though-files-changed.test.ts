import { expect, test } from "vitest";
import { aService } from "../builders/config.ts";
import { aScene } from "../builders/scene.ts";
import { readDeployments } from "../host/deployments.ts";
import { addService } from "../host/unit.ts";

/** The first git that brings the files of several services is held up until the test lets it go on. */
const holdUp = `case " $* " in *" --stdin origin "*)
  if mkdir /run/held; then until [ -e /run/go-on ]; do sleep 0.02; done; fi;;
esac`;

test("a pull is recorded as a pull though a changed file caused a reconcile while it began", async () => {
  const other = aService({
    service: "other",
    mount: "/srv/other",
    dirs: [{ local: "/etc/other", link: "other/etc" }],
  });
  await using scene = await aScene({
    files: { "app/etc/conf": "one\n", "other/etc/conf": "one\n" },
    more: [other],
    prepare: async ({ host }) => {
      await addService(host, "other", { readsFile: "/etc/other/conf" });
      await host.write(
        "/usr/local/sbin/git",
        `#!/bin/sh\n[ ! -e /run/armed ] || { ${holdUp}\n}\nexec /usr/bin/git "$@"\n`,
      );
      await host.sh("chmod +x /usr/local/sbin/git");
    },
  });
  const { host, gitopper, upstream } = scene;
  for (const name of ["app", "other"]) await gitopper.until(name, ({ state }) => state === "OK");
  // A fetch brings small files along.
  const large = (of: string) => `${of}\n`.repeat(10_000);
  const second = await upstream.commit({
    ...{ "app/etc/conf": "two\n", "app/etc/large": large("app") },
    "other/etc/large": large("other"),
  });
  await host.sh("touch /run/armed");
  const pull = gitopper.pull("app");
  await host.sh("until [ -d /run/held ]; do sleep 0.02; done");

  await host.write("/etc/app/extra", "typed by hand\n");
  await gitopper.until("app", ({ hash }) => hash === second);
  await host.sh("touch /run/go-on");
  await pull;
  await gitopper.until("app", ({ state }) => state === "OK");

  await gitopper.stop();
  expect(readDeployments(host, "app").at(-1)).toMatchObject({ to: second, trigger: "pull" });
});
