import { describe, expect, test } from "vitest";
import { tryOut } from "../../../../test/builders/ctl.ts";
import { aDeployment, aDetails, hashOf } from "../../../../test/builders/ctl-details.ts";
import type { ServiceDetails } from "../../../api/shapes.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });
const isWell = { "GET /api/v1/services/nginx": aDetails() };
const linesOf = (text: string) => text.trimEnd().split("\n");

test("log --output has what failed checks and units said, harmless for a terminal", async () => {
  const output = "nginx: [emerg] unexpected end\u001b[2J\nnginx: test failed\n";
  const bad = aDeployment({
    result: "failed",
    failedAt: "check",
    reason: "nginx -t failed",
    output,
    journal: "",
  });
  const answers = {
    ...isWell,
    "GET /api/v1/services/nginx/deployments/output?limit=20": {
      deployments: [bad, aDeployment()],
      next: null,
    },
  };
  const seen = await tryOut("log nginx --output", onAny(answers));
  expect(linesOf(seen.stdout)).toEqual([
    "1 d ago: aaaaaaaa failed at check: nginx -t failed",
    "    nginx: [emerg] unexpected end\\x1b[2J",
    "    nginx: test failed",
  ]);
});

test("log --output has why something failed also where nothing was said", async () => {
  const bad = aDeployment({ result: "failed", failedAt: "check", reason: "/usr/bin/grep: exit status 1" });
  const path = "GET /api/v1/services/nginx/deployments/output?limit=20";
  const seen = await tryOut("log nginx --output", {
    ...onAny({ ...isWell, [path]: { deployments: [bad], next: null } }),
    width: 40,
  });
  expect(linesOf(seen.stdout)).toEqual([
    "1 d ago: aaaaaaaa failed at check:",
    "/usr/bin/grep: exit status 1",
    "    (no check, probe or unit said",
    "    anything)",
  ]);
  const without = { [path]: { deployments: [], next: null } };
  const none = await tryOut("log nginx --output", onAny({ ...isWell, ...without }));
  expect(none.stdout).toBe("none of these deployments failed\n");

  const died = {
    "GET /api/v1/services/nginx": aDetails({ state: "BROKEN", info: "the unit died: SIGKILL" }),
  };
  const said = { "GET /api/v1/services/nginx/log?lines=10": { lines: ["nginx: out of memory"] } };
  const broken = await tryOut("log nginx --output", onAny({ ...died, ...said, ...without }));
  expect(linesOf(broken.stdout)).toEqual([
    "now: the unit died: SIGKILL",
    "the end of its journal:",
    "    nginx: out of memory",
    "",
    "none of these deployments failed",
  ]);
});

const onNginx = (details: unknown, deployments: readonly unknown[]) =>
  onAny({
    "GET /api/v1/services/nginx": details,
    "GET /api/v1/services/nginx/deployments?limit=2": { deployments, next: null },
  });

test("log has the deployments with their commits' words", async () => {
  const failed = aDeployment({ result: "failed", reason: "nginx -t failed", tries: 3, tookMs: 80 });
  const first = aDeployment({
    from: null,
    by: "ops",
    trigger: "pull",
    subject: "nginx: begin",
    author: "Ann",
  });
  const seen = await tryOut("log -n 2 nginx", onNginx(aDetails(), [failed, first]));
  expect(linesOf(seen.stdout)).toEqual([
    "WHEN     COMMIT               TRIGGER  BY   RESULT  TOOK   TRIES  AUTHOR  SUBJECT       REASON",
    "1 d ago  bbbbbbbb → aaaaaaaa  poll          failed  80 ms  3                            nginx -t failed",
    "1 d ago  aaaaaaaa             pull     ops  done    1.2 s         Ann     nginx: begin",
  ]);
});

test("log fits 80 columns, and keeps reasons whole", async () => {
  const words = { author: "Bartholomew Featherstonehaugh", subject: "nginx: larger pages for all of them" };
  const failed = aDeployment({ ...words, result: "failed", reason: "nginx -t failed", tries: 3 });
  for (const absolute of ["", "--absolute"]) {
    const line = ["log", "-n", "2", "nginx", absolute].filter(Boolean);
    const seen = await tryOut(line, { ...onNginx(aDetails(), [failed]), width: 80 });
    const [heading = "", row = "", reason] = linesOf(seen.stdout);
    expect(heading).toMatch(/COMMIT .* RESULT .* AUTHOR .*SUBJECT/);
    expect(row).toMatch(/bbbbbbbb → aaaaaaaa .* failed .* Barth.* nginx: /);
    expect(Math.max(heading.length, row.length)).toBeLessThanOrEqual(80);
    expect(reason).toBe("    nginx -t failed");
  }
});

describe("the deployment under way", () => {
  const since = "2026-03-05T11:59:48Z";
  const deploying: ServiceDetails["deploying"] = {
    ...{ commit: hashOf("c"), trigger: "pull", step: "health", detail: "", since },
    ...{ seconds: 4, probe: "healthy 4/10 s", author: "Ann", subject: "larger pages" },
  };

  test("is the first row", async () => {
    const seen = await tryOut("log -n 2 nginx", onNginx(aDetails({ deploying }), [aDeployment()]));
    expect(linesOf(seen.stdout)).toEqual([
      "WHEN      COMMIT               TRIGGER  RESULT     TOOK    AUTHOR  SUBJECT       REASON",
      "12 s ago  aaaaaaaa → cccccccc  pull     deploying  12.0 s  Ann     larger pages  health, healthy 4/10 s",
      "1 d ago   bbbbbbbb → aaaaaaaa  poll     done       1.2 s",
    ]);
  });

  test("is there once when it ends meanwhile", async () => {
    const ended = aDeployment({ from: hashOf("a"), to: hashOf("c"), trigger: "pull", startedAt: since });
    const seen = await tryOut("log -n 2 nginx", onNginx(aDetails({ deploying }), [ended]));
    expect(linesOf(seen.stdout)).toHaveLength(2);
    expect(seen.stdout).not.toContain("deploying");
  });
});
