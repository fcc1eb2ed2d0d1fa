import { expect, onTestFinished, test } from "vitest";
import { makeSelfSigned } from "../../src/server/tls/self-signed.ts";
import { aConfig, aService, machine } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { serveUpstream } from "../host/http-upstream.ts";
import { addService, events, untilEvent } from "../host/unit.ts";
import { makeUpstream } from "../host/upstream.ts";

const caBundle = "/etc/ssl/certs/ca-certificates.crt";

test.each(["http", "https"])(
  "a poll over %s that finds nothing new runs no git, and one that does, does",
  async (scheme) => {
    await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
    const tls = scheme === "https" ? makeSelfSigned(["localhost"], ["127.0.0.1"], new Date()) : null;
    const served = await serveUpstream(upstream.dir, "repo.git", { tls });
    onTestFinished(() => served.down());
    await using host = await bootHost({ name: machine });
    if (tls !== null) await host.write(caBundle, (await host.read(caBundle)) + tls.cert);
    await addService(host, "app", { readsFile: "/etc/app/conf" });
    const gitopper = await startGitopper(host, { config: aConfig(served.url, [aService()]), duration: "1s" });
    await untilEvent(host, "app", "start one");
    await gitopper.until("app", ({ state, hash }) => state === "OK" && hash !== "");

    const gits = async () =>
      Number(/^gitopper_machine_git_ops_total\S* (\d+)/m.exec((await gitopper.get("/metrics")).text)?.[1]);
    const polls = () => served.requests.filter((request) => request.startsWith("POST ")).length;
    const untilPolls = async (count: number) => {
      const asked = polls();
      await expect.poll(polls, { timeout: 30_000 }).toBeGreaterThan(asked + count);
    };
    // Gits that keep the deployed commit, or have just answered, end within the next polls.
    await untilPolls(3);
    const before = await gits();
    await untilPolls(5);
    // One poll in twelve runs git.
    expect(await gits()).toBeLessThanOrEqual(before + 1);

    await upstream.commit({ "app/etc/conf": "two\n" });
    await untilEvent(host, "app", "reload two");
    expect(await events(host, "app")).toEqual(["start one", "reload two"]);
  },
);
