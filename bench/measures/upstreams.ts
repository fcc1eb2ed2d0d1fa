/** 20 upstreams with 5 services each, over TLS and over SSH: a poll that finds nothing, against `git ls-remote`. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { makeSelfSigned } from "../../src/server/tls/self-signed.ts";
import type { TestHost } from "../../test/host/host.ts";
import { type ServedUpstream, serveUpstream } from "../../test/host/http-upstream.ts";
import { startSshd } from "../../test/host/sshd.ts";
import type { Upstream } from "../../test/host/upstream.ts";
import { type Bed, makeBed } from "../bed.ts";
import { comparePolls, pollEvery } from "../polls.ts";
import type { Row } from "../result.ts";

const upstreams = 20;
const services = 100;
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
      interval: pollEvery,
      urls: async (host) => {
        await host.write(caBundle, (await host.read(caBundle)) + tls.cert);
        return urls;
      },
    });
    // Git requests the refs once a poll, and so does the poll without git.
    const polls = async () => served.requests.filter((request) => request.startsWith("POST ")).length;
    return await pollRows(bed, { what: "poll over TLS", urls, polls });
  } finally {
    await served.down();
  }
}

async function overSsh(upstream: Upstream): Promise<Row[]> {
  const served: ServedUpstream = await upstream.serve();
  let urls: readonly string[] = [];
  await using bed = await makeBed(served, services, {
    interval: pollEvery,
    binds: [upstream.dir],
    urls: async (host) => {
      const port = await startSshd(host, "root");
      urls = names.map((name) => `ssh://git@127.0.0.1:${port}${join(upstream.dir, name)}`);
      return urls;
    },
  });
  return await pollRows(bed, { what: "poll over SSH", urls, polls: () => acceptedBy(bed.host) });
}

async function acceptedBy(host: TestHost): Promise<number> {
  return Number(await host.sh("journalctl -u test-sshd --no-pager | grep -c 'Accepted publickey' || true"));
}

interface Way {
  readonly what: string;
  readonly urls: readonly string[];
  readonly polls: () => Promise<number>;
}

async function pollRows(bed: Bed, { what, urls, polls }: Way): Promise<Row[]> {
  const plain = () => bed.shell.baseline("ls-remote.sh", ...urls);
  const [cpu] = await comparePolls(bed, { what, polls, requests: () => 0, plain });
  return [{ ...cpu, target: { timesPlain: 1 } }];
}
