import { expect, test } from "vitest";
import { shortCommit } from "../../src/model/commit.ts";
import { aConfig, aService } from "../builders/config.ts";
import { deploymentsOf, pullAndWait, triesOf, wayBack } from "../builders/verdicts.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { freePort } from "../host/port.ts";
import { makeUpstream } from "../host/upstream.ts";

const settleMs = 2_000;
const main = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 64; }
http { include /etc/nginx/sites-enabled/*; }
`;
const site = (port: number, status: number, text: string): string =>
  `server { listen 127.0.0.1:${port}; location / { return ${status} "${text}"; } }\n`;

const aWorld = async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/health`;
  await using made = new AsyncDisposableStack();
  const files = { "nginx/nginx.conf": main, "nginx/sites/app": site(port, 200, "one") };
  const upstream = made.use(await makeUpstream({ files }));
  const host = made.use(await bootHost({ name: "alpha" }));
  const nginx = aService({
    service: "nginx",
    package: "nginx",
    check: ["nginx", "-t"],
    check_user: "root",
    settle: `${settleMs / 1_000}s`,
    health: [{ http: url, interval: "100ms", timeout: "1s" }],
    dirs: [
      { local: "/etc/nginx/nginx.conf", link: "nginx/nginx.conf", file: true },
      { local: "/etc/nginx/sites-enabled", link: "nginx/sites" },
    ],
  });
  const config = aConfig((await upstream.serve()).url, [nginx]);
  const gitopper = await startGitopper(host, { config });
  await gitopper.until("nginx", ({ state, hash }) => state === "OK" && hash !== "");
  const answer = async () => (await fetch(url, { headers: { connection: "close" } })).text();
  const kept = made.move();
  return { port, url, upstream, gitopper, answer, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

test("a commit that nginx takes and that answers 503 is rolled back, remembered, and left for a newer one", async () => {
  await using world = await aWorld();
  const { port, url, upstream, gitopper, answer } = world;
  const first = await upstream.head();
  const sick = await upstream.commit({ "nginx/sites/app": site(port, 503, "the pool is exhausted") });
  await pullAndWait(gitopper, "nginx");
  const why = `${shortCommit(sick)}: http ${url} answered 503 instead of 200`;
  const wentBack = { state: "DIFF", commit: first, info: expect.stringMatching(new RegExp(` ${why}$`)) };
  expect(await gitopper.untilReason("nginx", "rolled-back")).toMatchObject(wentBack);
  expect(await answer()).toBe("one");

  const { back, bad } = await wayBack(gitopper, "nginx", settleMs);
  expect(back).toMatchObject({ to: first, result: "done" });
  expect(bad).toMatchObject({ to: sick, failedAt: "health", output: "the pool is exhausted" });
  const lines = bad.journal?.split("\n") ?? [];
  expect(lines.join("\n")).toMatch(/nginx/);
  expect(lines.length).toBeLessThanOrEqual(20);

  expect((await pullAndWait(gitopper, "nginx")).status).toBe(3);
  await gitopper.restart();
  await pullAndWait(gitopper, "nginx");
  expect(await triesOf(gitopper, "nginx", sick)).toBe(1);
  expect(await gitopper.untilReason("nginx", "rolled-back")).toMatchObject(wentBack);
  await pullAndWait(gitopper, "nginx", "--again");
  expect(await triesOf(gitopper, "nginx", sick)).toBe(2);
  expect(await answer()).toBe("one");

  const well = await upstream.commit({ "nginx/sites/app": site(port, 200, "two") });
  expect((await pullAndWait(gitopper, "nginx")).status).toBe(0);
  expect(await gitopper.details("nginx")).toMatchObject({ reason: null, commit: well, deploying: null });
  expect(await answer()).toBe("two");
});

test("a commit that has nginx listen elsewhere is rolled back, and so is a newer one with the same fault", async () => {
  await using world = await aWorld();
  const { url, upstream, gitopper, answer } = world;
  const first = await upstream.head();
  const elsewhere = { "nginx/sites/app": site(await freePort(), 200, "two") };
  await upstream.commit(elsewhere);
  await pullAndWait(gitopper, "nginx");
  expect(await gitopper.untilReason("nginx", "rolled-back")).toMatchObject({
    ...{ state: "DIFF", commit: first },
    info: expect.stringMatching(new RegExp(` [0-9a-f]{8}: http ${url} refused the connection$`)),
  });
  await wayBack(gitopper, "nginx", settleMs);
  expect(await answer()).toBe("one");

  const before = (await deploymentsOf(gitopper, "nginx")).length;
  await upstream.commit({ README: "the same for nginx\n" });
  await pullAndWait(gitopper, "nginx");
  expect(await deploymentsOf(gitopper, "nginx")).toHaveLength(before);
});
