import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { startSshd } from "../host/sshd.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream, type Upstream } from "../host/upstream.ts";

interface Kind {
  readonly name: string;
  readonly filter?: boolean;
  /** What the config names; on the host, where everything for it is set up then. */
  readonly url: (upstream: Upstream, host: TestHost) => string | Promise<string>;
}

const kinds: readonly Kind[] = [
  { name: "a path on the host", url: ({ path }) => path },
  { name: "file://", url: ({ path }) => `file://${path}` },
  { name: "file:// without partial clones", filter: false, url: ({ path }) => `file://${path}` },
  { name: "http://", url: async (upstream) => (await upstream.serve()).url },
  {
    name: "http:// without partial clones",
    filter: false,
    url: async (upstream) => (await upstream.serve()).url,
  },
  {
    name: "ssh://",
    url: async ({ path }, host) => `ssh://git@127.0.0.1:${await startSshd(host, "alice")}${path}`,
  },
  {
    name: "git@host:path",
    url: async ({ path }, host) => {
      const port = await startSshd(host, "alice");
      await host.write("/home/alice/.ssh/config", `Host forge\n  HostName 127.0.0.1\n  Port ${port}\n`);
      return `git@forge:${path}`;
    },
  },
];

test.each(kinds)("$name is followed, by a user that does not own it", async ({ filter = true, url }) => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n", "other/x": "x\n" }, filter });
  await using host = await bootHost({ name: "alpha", binds: [upstream.dir] });
  await host.run(["useradd", "--create-home", "alice"]);
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  const config = aConfig(await url(upstream, host), [aService({ user: "alice" })]);
  const gitopper = await startGitopper(host, { config });
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");

  const second = await upstream.commit({ "app/etc/conf": "two\n", "app/etc/new": "n\n" });
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash === second);
  expect(await events(host, "app")).toEqual(["start one", "reload two"]);
  expect(await host.sh("cd /etc/app && stat -c '%n %U' *")).toBe("conf alice\nnew alice");
  expect(await host.exists("/srv/gitopper/app/other")).toBe(false);
});
