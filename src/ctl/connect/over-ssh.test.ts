import { describe, expect, test } from "vitest";
import type { SshTransport } from "./connection.ts";
import { sshArgv } from "./over-ssh.ts";

const way: SshTransport = { via: "ssh", host: "web1", port: 2222, identity: null };

const named = { ...way, identity: "keys/ops" };

describe("the command line", () => {
  const question = { method: "GET", path: "/api/v1/events" } as const;

  test("has the route as its one command, behind --", () => {
    const argv = sshArgv({ ...way, host: "-oProxyCommand=x" }, question);
    expect(argv.slice(-3)).toEqual(["--", "-oProxyCommand=x", "GET /api/v1/events"]);
    expect(argv).toContain("-oBatchMode=yes");
    expect(argv).not.toContain("-i");
  });

  test("takes a key, and the last event that was seen", () => {
    const argv = sshArgv(named, question, { lastEventId: "42" });
    expect(argv.join(" ")).toContain(" -i keys/ops -oIdentitiesOnly=yes -- web1 ");
    expect(argv.at(-1)).toBe("GET /api/v1/events Last-Event-ID=42");
  });

  test.each([
    [10_000, 9],
    [60_000, 10],
    [300, 1],
  ])(
    "has ssh give up connecting before %i ms are over, so that it reports how far it got",
    (timeoutMs, seconds) => {
      expect(sshArgv(way, question, { timeoutMs })).toContain(`-oConnectTimeout=${seconds}`);
    },
  );
});
