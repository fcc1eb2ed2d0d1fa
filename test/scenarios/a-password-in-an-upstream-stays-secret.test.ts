import { expect, test } from "vitest";
import { aConfig, aService } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { addService, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

const password = "s3cret-9f2c";

/** The processes that have the password in their arguments or their environment; the searching process is left out. */
const processesThatShowIt = `
for dir in /proc/[0-9]*; do
  [ "$dir" = "/proc/$$" ] && continue
  if tr '\\0' ' ' <"$dir/cmdline" 2>/dev/null | grep -F "$SECRET" ||
    tr '\\0' ' ' <"$dir/environ" 2>/dev/null | grep -F "$SECRET" | grep -v "SECRET=$SECRET"; then :; fi
done`;

test("a password in an upstream's URL is only in files that no other user can read", async () => {
  const credentials = `bob:${password}`;
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" }, credentials });
  const served = await upstream.serve();
  await using host = await bootHost({ name: "alpha" });
  await host.run(["useradd", "alice"]);
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  const service = aService({ user: "alice" });
  const gitopper = await startGitopper(host, { config: aConfig(served.url, [service]), args: ["-d"] });
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", (row) => row.state === "OK" && row.hash !== "");

  served.hang();
  await upstream.commit({ "app/etc/conf": "two\n" });
  const asked = served.requests.length;
  await gitopper.pull("app");
  const wait = { everyMs: 20, timeoutMs: 20_000, failure: () => "no fetch" };
  await poll(
    () => served.requests.length,
    (count) => count >= asked + 2,
    wait,
  );
  expect(await host.sh("pgrep -f git-remote-http")).not.toBe("");
  expect(await host.sh(processesThatShowIt, { env: { SECRET: password } })).toBe("");

  await served.down();
  const failed = await gitopper.until("app", (row) => row.state === "DIFF");
  const shown = await Promise.all([
    gitopper.journal(),
    gitopper.get("/metrics").then(({ text }) => text),
    gitopper.get("/list/services").then(({ text }) => text),
    gitopper.ctl("list", "services", "@"),
  ]);
  for (const text of [failed.stateinfo, ...shown]) expect(text).not.toContain(password);
  expect(failed.stateinfo).toContain("127.0.0.1");

  await served.up();
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");
  await gitopper.stop();
  const files = await host.sh(`grep -rlF '${password}' /var/lib/gitopper /srv/gitopper | sort`);
  const seen = await host.sh(`stat -c '%a %U %n' ${files.split("\n").join(" ")}`);
  expect(seen.replace(/repo-[0-9a-f]+/, "repo").split("\n")).toEqual([
    "600 alice /var/lib/gitopper/stores/repo/credentials",
  ]);
});

test("a password that upstream refused for a while is used again", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" }, credentials: "bob:right" });
  const served = await upstream.serve();
  await using host = await bootHost({ name: "alpha" });
  await addService(host, "app", { readsFile: "/etc/app/conf" });
  const gitopper = await startGitopper(host, { config: aConfig(served.url) });
  await untilEvent(host, "app", "start one");
  await gitopper.until("app", ({ state }) => state === "OK");

  served.deny();
  await upstream.commit({ "app/etc/conf": "two\n" });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state }) => state === "DIFF");
  await served.up();
  await gitopper.pull("app");
  await untilEvent(host, "app", "reload two");
});

test("a wrong password is a problem that says so, and does not show it", async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" }, credentials: "bob:right" });
  const { url } = await upstream.serve();
  await using host = await bootHost({ name: "alpha" });
  await addService(host, "app");
  const gitopper = await startGitopper(host, { config: aConfig(url.replace("right", password)) });

  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.stateinfo).toMatch(/^Cannot fetch .*(Authentication failed|could not read Username)/);
  expect(row.stateinfo + (await gitopper.journal())).not.toContain(password);
});
