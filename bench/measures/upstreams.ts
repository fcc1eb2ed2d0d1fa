/** 20 upstreams with 5 services each, over TLS and over SSH: a poll that finds nothing, against `git ls-remote`. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeSelfSigned } from "../../src/server/self-signed.ts";
import type { TestHost } from "../../test/host/host.ts";
import { type ServedUpstream, serveUpstream } from "../../test/host/http-upstream.ts";
import { startSshd } from "../../test/host/sshd.ts";
import type { Upstream } from "../../test/host/upstream.ts";
import { type Bed, makeBed } from "../bed.ts";
import type { Row } from "../result.ts";

const upstreams = 20;
const services = 100;
const samples = 5;
const pollEvery = "4s";
const sampleMs = 12_000;
const warmUpMs = 12_000;
const caBundle = "/etc/ssl/certs/ca-certificates.crt";

/** One repository under many names is as good as many. */
const names = Array.from({ length: upstreams }, (_, upstream) => `repo${upstream}.git`);

export async function measureUpstreams(upstream: Upstream): Promise<Row[]> {
  for (const name of names) symlinkSync("repo.git", join(upstream.dir, name));
  return [...(await overTls(upstream)), ...(await overSsh(upstream))];
}

async function overTls(upstream: Upstream): Promise<Row[]> {
  const tls = makeSelfSigned(["localhost"], ["127.0.0.1"], new Date());
  const served = await serveUpstream(upstream.dir, "repo.git", { tls });
  const urls = names.map((name) => new URL(name, served.url).href);
  try {
    await using bed = await makeBed(served, services, {
      duration: pollEvery,
      urls: async (host) => {
        await host.write(caBundle, (await host.read(caBundle)) + tls.cert);
        return urls;
      },
    });
    // Git asks for the refs once a poll; so does what asks in its stead.
    const polls = async () => served.requests.filter((request) => request.startsWith("POST ")).length;
    return await comparePolls(bed, { what: "TLS", urls, polls });
  } finally {
    await served.down();
  }
}

async function overSsh(upstream: Upstream): Promise<Row[]> {
  const served: ServedUpstream = await upstream.serve();
  let urls: readonly string[] = [];
  await using bed = await makeBed(served, services, {
    duration: pollEvery,
    binds: [upstream.dir],
    urls: async (host) => {
      const port = await startSshd(host, "root");
      urls = names.map((name) => `ssh://git@127.0.0.1:${port}${join(upstream.dir, name)}`);
      return urls;
    },
  });
  return await comparePolls(bed, { what: "SSH", urls, polls: () => acceptedBy(bed.host) });
}

async function acceptedBy(host: TestHost): Promise<number> {
  return Number(await host.sh("journalctl -u test-sshd --no-pager | grep -c 'Accepted publickey' || true"));
}

interface Way {
  readonly what: string;
  readonly urls: readonly string[];
  /** How many there have been so far. */
  readonly polls: () => Promise<number>;
}

/** The daemon polls by itself; in between, with the daemon stopped still, a shell asks each upstream once. */
async function comparePolls(bed: Bed, { what, urls, polls }: Way): Promise<Row[]> {
  await bed.startDaemon();
  await pause(warmUpMs);
  const gitopper: number[] = [];
  const plain: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const [cpuBeforeMs, pollsBefore] = [bed.daemonCpuMs(), await polls()];
    await pause(sampleMs);
    const [cpuMs, count] = [bed.daemonCpuMs() - cpuBeforeMs, (await polls()) - pollsBefore];
    gitopper.push(cpuMs / count);
    const before = bed.shell.cpuMs();
    await bed.shell.baseline("ls-remote.sh", ...urls);
    plain.push((bed.shell.cpuMs() - before) / urls.length);
  }
  const target = { timesPlain: 1 };
  return [{ what: `poll over ${what}, CPU ms`, gitopper, plain, target }];
}
