import { describe, expect, test } from "vitest";
import { refused, tryOut } from "../../../../test/builders/ctl.ts";
import { aBadCommit, aDeployment, aDetails, aStep, hashOf } from "../../../../test/builders/ctl-details.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });
const nginx = "/api/v1/services/nginx";
const done = (verb: string) => ({ [`POST ${nginx}/${verb}`]: { message: `nginx: ${verb}` } });

describe("--wait", () => {
  const looked = "2026-03-05T12:00:03Z";
  const story = (...end: readonly unknown[]) => ({
    [`GET ${nginx}`]: [aDetails(), aDetails({ busy: true, lookedAt: looked }), ...end],
    ...done("pull"),
  });

  test("waits until a newer reconcile has ended, and reports its result", async () => {
    const end = aDetails({ lookedAt: looked, commit: hashOf("b"), subject: "better" });
    const seen = await tryOut("pull nginx --wait", { ...onAny(story(aDetails(), end)), progressWidth: 80 });
    expect(seen.stdout).toBe('nginx is OK at bbbbbbbb "better"\n');
    expect(seen.stderr).toContain("\r\x1b[Knginx is OK, and busy, 0 s");
    expect(seen.stderr.endsWith("\r\x1b[K")).toBe(true);
    expect(seen.status).toBe(0);
  });

  const stream = [
    ["fetch", ""],
    ["check", "nginx -t"],
    ["publish", ""],
    ["unit", "systemctl reload"],
    ["health", ""],
  ] as const;
  const streams = [
    stream.map(([step, detail]) => {
      const now = aStep(step, { detail, probe: step === "health" ? "healthy 4/10 s" : "" });
      const row = { at: looked, type: "progress", service: "nginx", text: step, ...now };
      return `event: progress\ndata: ${JSON.stringify(row)}\n\n`;
    }),
  ];
  const deployed = story(
    aDetails({ busy: true, lookedAt: looked, deploying: aStep("health", { probe: "healthy 4/10 s" }) }),
    aDetails({ lookedAt: looked, commit: hashOf("b"), subject: "better" }),
  );
  const steps = "done: fetched · checked (nginx -t) · live · reloaded · healthy";

  test("on a terminal the steps are one line, and the end says what was done", async () => {
    const seen = await tryOut("pull nginx --wait", { ...onAny(deployed), streams, progressWidth: 80 });
    expect(seen.stderr.split("\r\x1b[K")).toContainEqual(
      expect.stringMatching(/^nginx bbbbbbbb: (fetched|…) · .*, \d+ s$/),
    );
    expect(seen.stderr).not.toContain("\n");
    expect(seen.stdout).toBe(`nginx is OK at bbbbbbbb "better"; ${steps}\n`);
  });

  test("without a terminal each step is a line, once", async () => {
    const seen = await tryOut("pull nginx --wait", { ...onAny(deployed), streams });
    expect(seen.stderr.split("\n")).toEqual([
      "gitopperctl: nginx: deploying bbbbbbbb: fetch",
      "gitopperctl: nginx: deploying bbbbbbbb: check (nginx -t)",
      "gitopperctl: nginx: deploying bbbbbbbb: publish",
      "gitopperctl: nginx: deploying bbbbbbbb: unit (systemctl reload)",
      "gitopperctl: nginx: deploying bbbbbbbb: health",
      "",
    ]);
  });

  test("without a stream of events the wait continues, and steps come from polls", async () => {
    const seen = await tryOut("pull nginx --wait", { ...onAny(deployed), streams: ["Cannot reach it"] });
    expect(seen).toMatchObject({ status: 0, stdout: expect.stringContaining("; done: healthy") });
  });

  test("a rollback has ended when its state is no longer ROLLBACK", async () => {
    const answers = {
      ...story(
        aDetails({ state: "ROLLBACK", lookedAt: looked }),
        aDetails({ state: "FREEZE", lookedAt: looked, info: `ROLLBACK: ${hashOf("b")}` }),
      ),
      ...done("rollback"),
    };
    expect((await tryOut("rollback nginx bbbb --wait", onAny(answers))).stdout).toMatch(
      /^nginx is FREEZE .*\(ROLLBACK: bbbbbbbb\)\n$/,
    );
  });

  test("a failure is exit status 3, with why", async () => {
    const answers = {
      ...story(aDetails({ state: "BROKEN", info: "it does not reload", lookedAt: looked })),
      [`GET ${nginx}/deployments?limit=1`]: {
        deployments: [aDeployment({ result: "failed", to: hashOf("e"), reason: "exit status 1" })],
        next: null,
      },
    };
    const told =
      'nginx is BROKEN at aaaaaaaa "nginx: larger pages": it does not reload; the deployment of eeeeeeee failed: exit status 1\n';
    const seen = await tryOut("pull nginx --wait", onAny(answers));
    expect(seen).toMatchObject({ status: 3, stdout: told, stderr: "" });

    const onTerminal = await tryOut("pull nginx --wait", { ...onAny(answers), width: 60 });
    expect(onTerminal.stdout.split("\n")).toEqual([
      'nginx is BROKEN at aaaaaaaa "nginx: larger pages"',
      "    it does not reload",
      "    the deployment of eeeeeeee failed: exit status 1",
      "    next: gitopperctl log nginx --output shows what was said",
      "",
    ]);

    const said = { [`GET ${nginx}/log?lines=10`]: { lines: ["nginx: [emerg] un\x1bknown", "failed"] } };
    const withLog = await tryOut("pull nginx --wait", onAny({ ...answers, ...said }));
    expect(withLog.stdout).toBe(
      `${told}the end of its journal:\n    nginx: [emerg] un\\x1bknown\n    failed\n`,
    );
  });

  test.each([
    [{ reason: "branch-missing" }, false],
    [{ reason: "refused" }, false],
    [{ reason: "rolled-back" }, true],
    [{ reason: "undone" }, true],
    // As an older daemon sends it.
    [{}, false],
    [{ bad: aBadCommit("REFUSED") }, false],
    [{ bad: aBadCommit("ROLLED BACK") }, true],
  ] as const)(
    "what the unit said is shown where the unit has to do with it: %j",
    async (changes, isShown) => {
      const answers = {
        ...story(aDetails({ state: "DIFF", info: "no", lookedAt: looked, ...changes })),
        [`GET ${nginx}/deployments?limit=1`]: { deployments: [], next: null },
        [`GET ${nginx}/log?lines=10`]: { lines: ["started"] },
      };
      const { stdout } = await tryOut("pull nginx --wait", onAny(answers));
      expect(stdout.includes("the end of its journal:\n    started\n")).toBe(isShown);
    },
  );

  test("--wait reports a commit that waits for a window", async () => {
    const waiting = { commit: hashOf("e"), at: "2026-03-05T22:00:00Z", why: 'a window ("night" denies)' };
    const seen = await tryOut("pull nginx --wait", onAny(story(aDetails({ lookedAt: looked, waiting }))));
    expect(seen.status).toBe(3);
    expect(seen.stdout).toMatch(
      /; eeeeeeee was not deployed: it waits for a window \("night" denies\), which opens in 10 h; .*--override-window/,
    );
  });

  test("a daemon that is unreachable for a moment is polled again", async () => {
    const seen = await tryOut(
      "pull nginx --wait",
      onAny(story(refused(503, "starting"), aDetails({ lookedAt: looked }))),
    );
    expect(seen.status).toBe(0);
  });

  test("it does not wait for ever", async () => {
    const seen = await tryOut("pull nginx --wait 3s", onAny(story()));
    expect(seen).toMatchObject({
      status: 1,
      stderr: "gitopperctl: Gave up waiting after 3 s, and the work goes on: nginx is OK, and busy\n",
    });
  });

  test("a refusal is not waited for", async () => {
    const answers = { ...story(), [`POST ${nginx}/pull`]: refused(409, "nginx is frozen") };
    expect(await tryOut("pull nginx --wait", onAny(answers))).toMatchObject({
      status: 1,
      stderr: "gitopperctl: nginx is frozen\n",
    });
  });
});
