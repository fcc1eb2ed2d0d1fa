/** The hosts web1 and web2 of the documents, each with its own network, before anything of gitopper is installed. */
import { join } from "node:path";
import { bootHost, repositoryRoot, type TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import type { Upstream } from "../host/upstream.ts";
import { wire } from "../host/wire.ts";

/** Where the documents have the checkout of this repository. */
export const installedAt = "/opt/gitopper";

/**
 * The administrator's key may log in as root on both, as on most hosts, and its private part is on both. On web1,
 * `https://git.example.org/config.git` is the upstream.
 */
export async function bootDocumentedHosts(stack: AsyncDisposableStack, upstream: Upstream) {
  const boot = async (name: string): Promise<TestHost> =>
    stack.use(
      await bootHost({
        name,
        ownNetwork: true,
        binds: [`${repositoryRoot}:${installedAt}`, upstream.dir],
      }),
    );
  const [web1, web2] = await Promise.all([boot("web1"), boot("web2")]);
  await wire(web1, web2);
  const names = "127.0.0.1 localhost git.example.org\n10.0.0.1 web1\n10.0.0.2 web2\n";
  for (const host of [web1, web2]) await host.write("/etc/hosts", names);
  await shareKey(web1, web2);
  await serveAsGitExampleOrg(web1, upstream);
  return { web1, web2 };
}

async function shareKey(one: TestHost, other: TestHost): Promise<void> {
  await one.sh("ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519");
  const files = ["id_ed25519", "id_ed25519.pub"] as const;
  const [secret, open] = await Promise.all(files.map((name) => one.read(`/root/.ssh/${name}`)));
  await other.write("/root/.ssh/id_ed25519", secret ?? "", "0600");
  for (const host of [one, other]) await host.write("/root/.ssh/authorized_keys", open ?? "", "0600");
}

/** With a certificate that the host's own list of CAs has. */
async function serveAsGitExampleOrg(host: TestHost, { dir, path }: Upstream): Promise<void> {
  await host.sh(`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 \
    -subj /CN=git.example.org -addext subjectAltName=DNS:git.example.org -keyout /root/git.key -out /root/git.pem
    cat /root/git.pem >>/etc/ssl/certs/ca-certificates.crt
    ln -s ${path} ${dir}/config.git`);
  const node = join(repositoryRoot, "node_modules/.bin/node");
  const program = join(repositoryRoot, "test/host/serve-upstream.ts");
  const argv = [node, program, dir, "config.git", "/root/git.pem", "/root/git.key"];
  await host.run(["systemd-run", "--quiet", "--unit=git-server", ...argv]);
  await poll(
    () => host.run(["git", "ls-remote", "https://git.example.org/config.git"], { allowFailure: true }),
    ({ status }) => status === 0,
    { everyMs: 50, timeoutMs: 20_000, failure: ({ stderr }) => `The upstream does not come up: ${stderr}` },
  );
}
