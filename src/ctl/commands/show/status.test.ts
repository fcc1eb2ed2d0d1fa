import { describe, expect, test } from "vitest";
import { tryOut } from "../../../../test/builders/ctl.ts";
import { aBadCommit, aDetails, aStep, hashOf } from "../../../../test/builders/ctl-details.ts";
import { widthOf } from "../../output/visible.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });
const linesOf = (text: string) => text.trimEnd().split("\n");

describe("status", () => {
  const all = (...services: unknown[]) => onAny({ "GET /api/v1/services": { services } });

  test("is a line for each service", async () => {
    const seen = await tryOut(
      "status",
      all(
        aDetails(),
        aDetails({ service: "caddy", commit: null, committedAt: null, subject: null, busy: true }),
      ),
    );
    expect(linesOf(seen.stdout)).toEqual([
      "SERVICE  STATE  COMMIT    SUBJECT              AGE  NEXT",
      "nginx    OK     aaaaaaaa  nginx: larger pages  2 d  in 4 min",
      "caddy    OK                                         busy",
      "all 2 well",
    ]);
    expect(seen.status).toBe(0);
  });

  test("a commit that waits, drift, and how far behind", async () => {
    const waiting = { commit: hashOf("c"), at: "2026-03-05T22:00:00Z" };
    const info = "waiting for a window: cccccccc; 1 edited file";
    const seen = await tryOut("status", all(aDetails({ waiting, behind: 3, drift: "1 edited file", info })));
    expect(linesOf(seen.stdout)).toEqual([
      "SERVICE  STATE  COMMIT    SUBJECT              AGE  BEHIND  NEXT     INFO",
      "nginx    OK     aaaaaaaa  nginx: larger pages  2 d  3       in 10 h  waiting for a window: cccccccc; 1 edited file; next: gitopperctl drift nginx",
      "1 of 1 has drifted",
    ]);
  });

  test("a running deployment needs no action, and the last line counts the services that do", async () => {
    const deploying = aStep("health", { probe: "healthy 2/10 s" });
    const first = {
      commit: null,
      committedAt: null,
      subject: null,
      lookedAt: null,
      info: "not deployed yet",
    };
    const services = [
      aDetails({ state: "DIFF", ...first, deploying }),
      aDetails({ drift: "drift: 1 local edit: a" }),
      aDetails({ state: "BROKEN", info: "the unit died" }),
      aDetails(),
    ];
    const { stdout, status } = await tryOut("status", all(...services));
    expect(linesOf(stdout).at(-1)).toBe("1 of 4 needs you, 1 has drifted, 1 is being deployed");
    expect(stdout).not.toContain("shows the first deployment");
    expect(status).toBe(3);
  });

  test("what git could not do is said in full, so no log is named for it", async () => {
    const info =
      'Branch "canary" is not at "https://git.example.org"; push it, or name another in the config';
    const seen = await tryOut("status", all(aDetails({ state: "DIFF", info })));
    expect(seen.stdout).toContain("; next: once that is fixed: gitopperctl pull nginx --wait\n");
  });

  test.each([
    { reason: "refused" },
    { reason: "unsigned" },
    { reason: "rolled-back" },
    { reason: "undone" },
    // As an older daemon sends it.
    { bad: aBadCommit("REFUSED") },
  ] as const)("of a commit that is bad there is more to read: %j", async (changes) => {
    const { stdout } = await tryOut("status", all(aDetails({ state: "DIFF", info: "no", ...changes })));
    expect(stdout).toContain("log nginx --output shows what was said, and once that is fixed: ");
  });

  test("a code that only a newer daemon knows is no obstacle, and --json has it as it came", async () => {
    const newer = { ...aDetails({ state: "DIFF", info: "no" }), reason: "eclipse" };
    const answers = onAny({ "GET /api/v1/services": { services: [newer] } });
    expect((await tryOut("status", answers)).stdout).toContain("next: once that is fixed: ");
    expect((await tryOut("status --json", answers)).stdout).toContain('"reason":"eclipse"');
  });

  test.each(["BROKEN", "DIFF"] as const)("%s is exit status 3, and its reason is shown", async (state) => {
    const seen = await tryOut("status", all(aDetails({ state, info: "it does not reload" }), aDetails()));
    expect(seen).toMatchObject({ status: 3, stdout: expect.stringContaining("it does not reload") });
  });

  test("a frozen service is healthy, and shows until when it is frozen", async () => {
    const held = { commit: null, by: "root", reason: "disk", since: null, until: "2026-03-05T14:00:00Z" };
    const seen = await tryOut(
      "status nginx",
      onAny({ "GET /api/v1/services/nginx": aDetails({ state: "FREEZE", held, info: "FREEZE" }) }),
    );
    expect(seen).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/ in 2 h {2}FREEZE\n1 service, well\n$/),
    });
  });

  test("--absolute has instants", async () => {
    const seen = await tryOut("status --absolute", all(aDetails()));
    expect(seen.stdout).toContain("2026-03-03 12:00:00 UTC  2026-03-05 12:04:00 UTC");
  });

  test("on a terminal a reason follows its row whole, with what to do next, and a summary ends it", async () => {
    const info = `Cannot reload nginx: ${"it does not understand its configuration ".repeat(4)}at line 7`;
    const seen = await tryOut("status", {
      ...all(aDetails({ state: "BROKEN", info }), aDetails({ service: "caddy" })),
      width: 80,
    });
    const [heading, nginx, ...rest] = linesOf(seen.stdout);
    const reason = rest.filter((line) => line.startsWith("    "));
    expect(heading).not.toContain("INFO");
    expect(nginx).toMatch(/^nginx +BROKEN +aaaaaaaa +nginx: larger pages/);
    expect(reason.map((line) => line.trim()).join(" ")).toBe(
      `${info} next: gitopperctl log nginx --output shows what was said`,
    );
    expect(Math.max(...rest.map(widthOf))).toBeLessThanOrEqual(80);
    expect(rest.slice(-2)).toEqual([expect.stringMatching(/^caddy/), "1 of 2 needs you"]);
  });

  test("before the first reconcile, status says how to see the first deployment", async () => {
    const fresh = { commit: null, committedAt: null, subject: null, lookedAt: null };
    const state = { state: "DIFF", info: "not deployed yet" } as const;
    // The second as an older daemon sends it.
    for (const told of [{ ...state, reason: "not-deployed-yet" } as const, state]) {
      const seen = await tryOut("status", all(aDetails({ ...fresh, ...told })));
      expect(seen.stdout).toContain("not deployed yet; next: gitopperctl pull nginx --wait shows the first");
    }
  });

  test.each([80, 60])("it fits %i columns", async (width) => {
    const service = aDetails({
      service: "prometheus-node-exporter",
      state: "BROKEN",
      behind: 12,
      info: "x".repeat(90),
      subject: "y".repeat(90),
    });
    const { stdout } = await tryOut("status", { ...all(service), width });
    expect(Math.max(...linesOf(stdout).map(widthOf))).toBeLessThanOrEqual(width);
  });
});

test("what waits is said once", async () => {
  const waiting = { commit: hashOf("c"), at: "2026-03-05T22:00:00Z", why: "a window" };
  const info = "waiting for a window: cccccccc will be deployed at 2026-03-05 22:00 UTC";
  const details = aDetails({ waiting, info });
  const seen = await tryOut("status nginx", { hosts: { "*": { "GET /api/v1/services/nginx": details } } });
  expect(seen.stdout.match(/cccccccc/g)).toHaveLength(1);
});
