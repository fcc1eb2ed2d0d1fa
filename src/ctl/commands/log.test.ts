import { expect, test } from "vitest";
import { tryOut } from "../../../test/builders/ctl.ts";
import { aDeployment } from "../../../test/builders/ctl-details.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });
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

test("log has the deployments", async () => {
  const failed = aDeployment({ result: "failed", reason: "nginx -t failed", tries: 3, tookMs: 80 });
  const answers = {
    "GET /api/v1/services/nginx/deployments?limit=2": { deployments: [failed, aDeployment()], next: null },
  };
  const seen = await tryOut("log -n 2 nginx", onAny(answers));
  expect(linesOf(seen.stdout)).toEqual([
    "WHEN     COMMIT    FROM      TRIGGER  RESULT  TOOK   TRIES  REASON",
    "1 d ago  aaaaaaaa  bbbbbbbb  poll     failed  80 ms  3      nginx -t failed",
    "1 d ago  aaaaaaaa  bbbbbbbb  poll     done    1.2 s",
  ]);
});
