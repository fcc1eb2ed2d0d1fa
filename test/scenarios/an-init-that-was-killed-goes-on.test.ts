import { expect, test } from "vitest";
import { configPath } from "../host/gitopper-unit.ts";
import { bootHost, type TestHost } from "../host/host.ts";
import { installPackagedUnit } from "../host/packaged-unit.ts";
import { freePort } from "../host/port.ts";
import { startClosedSshd } from "../host/sshd.ts";
import { makeUpstream } from "../host/upstream.ts";

/** What makes or replaces something: init makes its files beside their place, and moves them there. */
const changes = "mkdir,rename,link";
/** Below it are stores that init throws away itself; the kernel forgets them at the next boot. */
const thrownAway = "/tmp/gitopper-online-";

interface Setup {
  readonly flags: string;
  /** Shell code that takes back what init has made besides the config. */
  readonly clean: string;
  /** Runs init to its end. */
  readonly finish: () => Promise<void>;
}

/** Kills init at its first change, then at its second, and so on, each time from the beginning. */
async function killAtEach(host: TestHost, { flags, clean, finish }: Setup): Promise<void> {
  const strace = (how: string) =>
    host.run(
      ["/bin/sh", "-c", `strace -qq -e signal=none -e trace=${changes} ${how} gitopper init ${flags}`],
      {
        allowFailure: true,
      },
    );
  const restart = () =>
    host.sh(`systemctl disable --quiet --now gitopper; rm -rf /etc/gitopper /var/lib/gitopper; ${clean}`);
  await restart();
  await strace("-o /root/changes");
  const made = (await host.read("/root/changes")).trim().split("\n");
  const points = made.flatMap((line, index) => (line.includes(thrownAway) ? [] : [{ line, index }]));
  expect(points.length, made.join("\n")).toBeGreaterThan(3);
  for (const { line, index } of points) {
    // strace counts the calls of each name.
    const [name = ""] = line.split("(");
    const count = made.slice(0, index + 1).filter((other) => other.startsWith(`${name}(`)).length;
    await restart();
    const { status } = await strace(`-o /dev/null -e inject=${name}:signal=KILL:when=${count}`);
    const where = `killed at ${line}`;
    expect(status, where).toBe(137);
    await finish();
    expect(await host.sh("systemctl is-active gitopper"), where).toBe("active");
    const left = await host.sh("ls -A /etc/gitopper /root/.ssh /srv/git 2>/dev/null | grep new || true");
    expect(left, where).toBe("");
  }
}

test("with a repository on the host, the next run finishes what was begun", {
  timeout: 300_000,
}, async () => {
  await using host = await bootHost({ name: "alpha" });
  await installPackagedUnit(host, { port: await freePort() });
  await killAtEach(host, {
    flags: "--local --yes",
    clean: "rm -rf /srv/git",
    finish: async () => {
      await host.run(["gitopper", "init", "--local", "--yes"]);
      expect(await host.sh("git -C /srv/git/config.git config uploadpack.allowFilter")).toBe("true");
      expect(
        await host.sh("test -x /srv/git/config.git/hooks/post-receive; stat -c %a /srv/git/config.git"),
      ).toBe("700");
      expect(await host.read(configPath)).toContain('upstream = "/srv/git/config.git"');
    },
  });
});

test("over ssh, a key that was made is kept", { timeout: 300_000 }, async () => {
  await using upstream = await makeUpstream({ files: { "app/etc/conf": "one\n" } });
  await using host = await bootHost({ name: "alpha", binds: [upstream.dir] });
  await installPackagedUnit(host, { port: await freePort() });
  const url = `ssh://git@127.0.0.1:${await startClosedSshd(host)}${upstream.path}`;
  const flags = `--yes --upstream ${url} --host-key "$(cat /etc/ssh/test_key.pub)"`;
  await killAtEach(host, {
    flags,
    clean: "rm -rf /root/.ssh /home/git/.ssh/authorized_keys",
    finish: async () => {
      const key = await host.sh("cat /root/.ssh/id_ed25519 2>/dev/null || true");
      const waiting = await host.run(["/bin/sh", "-c", `gitopper init ${flags}`], { allowFailure: true });
      expect([waiting.status, waiting.stderr]).toEqual([
        1,
        expect.stringContaining("does not accept the key yet"),
      ]);
      if (key !== "") expect(await host.sh("cat /root/.ssh/id_ed25519")).toBe(key);
      expect(await host.sh("wc -l </root/.ssh/known_hosts")).toBe("1");
      await host.sh(
        "ssh-keygen -yf /root/.ssh/id_ed25519 >/home/git/.ssh/authorized_keys; chown -R git: /home/git/.ssh",
      );
      await host.run(["gitopper", "init"]);
    },
  });
});
