import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Refusal } from "../../src/model/problem.ts";
import { repositoryRoot } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { aBind, accountOf, check, put, root, scratch } from "./a-check.ts";

/** A sleep that no other test has. */
const aSleep = (seconds: number) => `sleep ${seconds}.${process.pid}`;

/** True while a process of this machine is this command. */
function runs(command: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() === command;
    } catch {
      return false;
    }
  });
}

test("a check sees what is staged at the real paths, and the host sees what was live", async () => {
  const live = put("seen/live/conf", "live\n");
  const single = put("seen/single", "live single\n");
  put("seen/stage/a b/conf", "staged\n");
  const binds = [
    aBind(join(scratch, "seen/stage/a b"), join(scratch, "seen/live")),
    aBind(put("seen/stage/single", "staged single\n"), single),
  ];
  const problem = await check([`cat ${live} ${single}; exit 1`], { binds });
  expect(problem?.evidence?.output).toBe("staged\nstaged single\n");
  expect(readFileSync(live, "utf8") + readFileSync(single, "utf8")).toBe("live\nlive single\n");
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(scratch);
});

test("a link inside another is seen there", async () => {
  put("nested/live/sub/f", "live\n");
  put("nested/stage/outer/sub/f", "outer\n");
  put("nested/stage/inner/f", "inner\n");
  const binds = [
    aBind(join(scratch, "nested/stage/outer"), join(scratch, "nested/live")),
    aBind(join(scratch, "nested/stage/inner"), join(scratch, "nested/live/sub")),
  ];
  expect(await check([`[ "$(cat ${scratch}/nested/live/sub/f)" = inner ]`], { binds })).toBeNull();
});

test("not even root can change the staged files, or see what the mounts hide", async () => {
  const live = join(scratch, "held/live");
  put("held/live/conf", "live\n");
  put("held/stage/conf", "staged\n");
  const binds = [aBind(join(scratch, "held/stage"), live)];
  const attempts = [`umount ${live}`, `touch ${live}/new`, `mount -o remount,rw ${live}`];
  for (const attempt of [...attempts, "nsenter --target 1 --mount true"])
    expect(await check([attempt], { binds }), attempt).toBeInstanceOf(Refusal);
  expect(readdirSync(join(scratch, "held/stage"))).toEqual(["conf"]);
});

test("commands run one after another until one fails, which is named with what says most", async () => {
  const log = put("several/log", "");
  const problem = await check([
    `echo first >>${log}`,
    [
      "sh",
      "-c",
      `echo second >>${log}; echo fine; echo 'nginx: [emerg] no such thing' >&2; echo bye; exit 3`,
    ],
    `echo third >>${log}`,
  ]);
  expect(problem).toBeInstanceOf(Refusal);
  expect(problem?.message).toMatch(/^sh -c echo second .*: exit status 3: nginx: \[emerg\] no such thing$/);
  expect(problem?.evidence?.output).toBe("fine\nnginx: [emerg] no such thing\nbye\n");
  expect(readFileSync(log, "utf8")).toBe("first\nsecond\n");
});

test("a program that writes megabytes may, and the end of it is kept", async () => {
  const problem = await check(["yes é | head -c 5000001; echo the end >&2; exit 1"]);
  const { output = "" } = problem?.evidence ?? {};
  expect(problem?.message).toMatch(/: exit status 1: the end$/);
  expect(Buffer.byteLength(output)).toBeGreaterThan(4000);
  expect(Buffer.byteLength(output)).toBeLessThanOrEqual(4096);
  expect(output).toMatch(/^\n?(é\n)+the end\n$/);
});

test("secrets are masked in messages and in the history", async () => {
  const problem = await check(["echo 'error: https://bob:secret@example.org/x'; exit 1"]);
  expect(problem?.message).toContain("https://***@example.org/x");
  expect(JSON.stringify([problem?.message, problem?.evidence])).not.toContain("secret@");
});

test.each(["exit 1", "exec sleep 60"])(
  "a password at which the message is cut off does not show (%s)",
  async (end) => {
    const line = `error: ${"x".repeat(270)} https://bob:s3cr3t-token-value@example.org/x`;
    const problem = await check([`echo '${line}'; ${end}`], { timeoutMs: 1500 });
    expect(problem?.message).toContain("xxx https://");
    expect(JSON.stringify([problem?.message, problem?.evidence])).not.toContain("s3cr3t");
  },
);

test("the reason why a program ended is reported", async () => {
  expect((await check(["kill -SEGV $$"]))?.message).toMatch(/: exit status 139 \(SIGSEGV\)$/);
});

test("a time-out refuses the commit and ends all that was started", async () => {
  const [first, second] = [aSleep(86_401), aSleep(86_402)];
  const stubborn = `echo waiting; trap '' TERM; setsid ${first} & ${second}; ${second}`;
  const problem = await check([stubborn], { timeoutMs: 1500 });
  expect(problem).toBeInstanceOf(Refusal);
  expect(problem?.message).toMatch(/: no end after 1\.5 s: waiting$/);
  expect([runs(first), runs(second)]).toEqual([false, false]);
});

test("nothing that a check leaves behind stays", async () => {
  const sleep = aSleep(86_403);
  expect(await check([`setsid ${sleep} >/dev/null 2>&1 & true`])).toBeNull();
  expect(runs(sleep)).toBe(false);
});

test("a check ends when the daemon stops", async () => {
  const sleep = aSleep(86_404);
  const stop = new AbortController();
  const checked = check([sleep], {}, stop.signal);
  await poll(() => runs(sleep), Boolean, { everyMs: 20, timeoutMs: 20_000, failure: () => "not begun" });
  stop.abort();
  const problem = await checked;
  expect(problem).not.toBeInstanceOf(Refusal);
  expect(problem?.part).toBe("host");
  expect(runs(sleep)).toBe(false);
});

test("a check ends when the daemon is killed", async () => {
  const sleep = aSleep(86_405);
  const argv = ["sh", "-c", `setsid ${sleep} & ${sleep}`];
  const run = { commands: [argv], binds: [], account: root, timeoutMs: 60_000, network: false };
  const from = (path: string) => JSON.stringify(join(repositoryRoot, "src", path));
  const script = `Promise.all([import(${from("health/check.ts")}), import(${from("platform/process/exec.ts")})])
    .then(([{ runCheck }, { exec }]) => runCheck(${JSON.stringify(run)}, exec))`;
  const daemon = spawn(join(repositoryRoot, "node_modules/.bin/node"), ["--eval", script], {
    stdio: "inherit",
  });
  const until = (wanted: boolean) =>
    poll(
      () => runs(sleep),
      (seen) => seen === wanted,
      { everyMs: 20, timeoutMs: 20_000, failure: (seen) => `runs: ${seen}` },
    );
  await until(true);
  daemon.kill("SIGKILL");
  await until(false);
});

test("a check runs as its user with all groups, without a way to more, in a small environment", async () => {
  const account = await accountOf("www-data");
  const script = `id -un; id -Gn; pwd; echo $HOME $USER $LOGNAME; grep -E 'Cap(Prm|Bnd)|NoNewPrivs' /proc/self/status; exit 1`;
  const problem = await check([script], { account });
  const groups = execFileSync("id", ["-Gn", "www-data"], { encoding: "utf8" }).trim();
  expect(problem?.evidence?.output.split("\n")).toEqual([
    ...["www-data", groups, "/", `${account.home} www-data www-data`],
    ...["CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", ""],
  ]);
});

test("a check has no network without check_network, but may bind to addresses", async () => {
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const connect = ["curl", "--silent", "--max-time", "5", `telnet://127.0.0.1:${port}`];
  try {
    expect(await check([connect], { network: true })).toBeNull();
    expect(await check([connect])).toBeInstanceOf(Refusal);
  } finally {
    server.close();
  }
  const conf = put(
    "listen/nginx.conf",
    `pid ${scratch}/listen/pid; events {} http { server { listen 192.0.2.1:80; listen [2001:db8::1]:80; } }`,
  );
  expect(await check([["nginx", "-t", "-c", conf]])).toBeNull();
});

test("a program that cannot be run is not the commit's fault", async () => {
  const problem = await check([["no-such-program", "-t"]]);
  expect(problem).not.toBeInstanceOf(Refusal);
  expect(problem?.message).toMatch(
    /^Cannot run the check "no-such-program -t": .*No such file or directory$/,
  );
});

test("what is staged and gone is not the commit's fault either", async () => {
  mkdirSync(join(scratch, "gone/live"), { recursive: true });
  const binds = [aBind(join(scratch, "gone/stage"), join(scratch, "gone/live"))];
  const problem = await check(["true"], { binds });
  expect(problem).not.toBeInstanceOf(Refusal);
  expect(problem?.message).toMatch(/^Cannot mount what is to be checked: mount: .*gone\/live/);
});
