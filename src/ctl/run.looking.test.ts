import { describe, expect, test } from "vitest";
import { tryOut } from "../../test/builders/ctl.ts";
import { anEvent, hashOf } from "../../test/builders/ctl-details.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });

const linesOf = (text: string) => text.trimEnd().split("\n");

test("events requests further pages until it has the newest event", async () => {
  const first = Array.from({ length: 500 }, (_, index) => anEvent({ id: index + 1, text: "old" }));
  const seen = await tryOut(
    "events nginx --limit 2",
    onAny({
      "GET /api/v1/services/nginx/events?limit=500&after=0": { events: first },
      "GET /api/v1/services/nginx/events?limit=500&after=500": {
        events: [anEvent({ id: 501, text: "nginx is well" })],
      },
    }),
  );
  expect(linesOf(seen.stdout).map((line) => line.split("  ").at(-1))).toEqual([
    "EVENT",
    "old",
    "nginx is well",
  ]);
});

describe("drift", () => {
  const path = "GET /api/v1/services/nginx/drift/diff";
  const body = { base: hashOf("a"), diff: "", truncated: false, omitted: [] };

  test("--diff shows what was typed, with what a terminal would obey made visible", async () => {
    const diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\r\n+caf\\351\x1b[2J\n";
    const omitted = [{ path: "big\x1b[2J", why: "it is larger than 1 MiB" }];
    const seen = await tryOut("drift nginx --diff", onAny({ [path]: { ...body, diff, omitted } }));
    expect(linesOf(seen.stdout).slice(3)).toEqual(["-old\\x0d", "+caf\\351\\x1b[2J"]);
    expect(seen.stderr).toBe("gitopperctl: big\\x1b[2J is not shown: it is larger than 1 MiB\n");
  });

  test("--diff says that there are no edits, and gives all as JSON", async () => {
    expect((await tryOut("drift nginx --diff", onAny({ [path]: body }))).stdout).toBe("no local edits\n");
    const { stdout } = await tryOut("drift nginx --diff --json", onAny({ [path]: body }));
    expect(JSON.parse(stdout)).toEqual(body);
  });
});

describe("diff", () => {
  const body = (diff: string) => ({ from: hashOf("a"), to: hashOf("b"), diff, truncated: false });
  const path = "GET /api/v1/services/nginx/diff";

  test("is coloured as git does it, and a removed line of dashes is no heading", async () => {
    const diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- old\n+new\x1b[2J\n same\n";
    const seen = await tryOut("diff nginx", { ...onAny({ [path]: body(diff) }), colour: true });
    expect(linesOf(seen.stdout)).toEqual([
      "\x1b[1mdiff --git a/x b/x\x1b[0m",
      "\x1b[1m--- a/x\x1b[0m",
      "\x1b[1m+++ b/x\x1b[0m",
      "\x1b[36m@@ -1 +1 @@\x1b[0m",
      "\x1b[31m--- old\x1b[0m",
      "\x1b[32m+new\\x1b[2J\x1b[0m",
      " same",
    ]);
  });

  test("nothing to change is said", async () => {
    expect((await tryOut("diff nginx bbbb", onAny({ [`${path}?to=bbbb`]: body("") }))).stdout).toBe(
      "deploying bbbbbbbb would change nothing\n",
    );
  });

  test("a missing part is reported on stderr", async () => {
    const seen = await tryOut("diff nginx", onAny({ [path]: { ...body("x\n"), truncated: true } }));
    expect(seen.stderr).toBe("gitopperctl: the diff is longer than this; git has all of it\n");
  });
});

test("plan numbers the steps", async () => {
  const answer = { to: hashOf("b"), steps: ["check out bbbbbbbb", "reload nginx"] };
  const seen = await tryOut("plan nginx bbbb", onAny({ "GET /api/v1/services/nginx/plan?to=bbbb": answer }));
  expect(seen.stdout).toBe("to bbbbbbbb:\n1. check out bbbbbbbb\n2. reload nginx\n");
});

test("plan begins with the window that it waits for, and says how old what it knows of upstream is", async () => {
  const waitsFor = { why: 'a window ("night" denies)', until: "2026-03-05T22:00:00Z" };
  const answer = { to: hashOf("b"), steps: ["reload nginx"], waitsFor, asOf: "2026-03-05T10:00:00Z" };
  const seen = await tryOut("plan nginx", onAny({ "GET /api/v1/services/nginx/plan": answer }));
  expect(seen.stdout).toMatch(
    /^waits for a window \("night" denies\), which opens .*; then\nto bbbbbbbb:\n1. reload nginx\n$/,
  );
  expect(seen.stderr).toMatch(/upstream as of 2 h ago/);
});

test("drift lists what differs, and nothing else", async () => {
  const mounts = [
    { local: "/etc/nginx", link: "web/etc", is: "mounted" },
    { local: "/srv/www", link: "web/page", is: "absent" },
  ];
  const answer = {
    drift: "1",
    edits: [{ path: "web/x", kind: "changed" }],
    attributes: [{ path: "web/y", is: "mode 0600", instead: "0644" }],
    mounts,
    unit: { load: "loaded", active: "failed", file: "nginx.service" },
  };
  const seen = await tryOut("drift nginx", onAny({ "GET /api/v1/services/nginx/drift": answer }));
  expect(linesOf(seen.stdout)).toEqual([
    "WHAT   WHERE          IS",
    "file   web/x          changed",
    "file   web/y          mode 0600 instead of 0644",
    "mount  /srv/www       absent, of web/page",
    "unit   nginx.service  failed (loaded)",
  ]);
  const none = { drift: "", edits: [], attributes: [], mounts: mounts.slice(0, 1), unit: null };
  expect((await tryOut("drift nginx", onAny({ "GET /api/v1/services/nginx/drift": none }))).stdout).toBe(
    "no drift\n",
  );
});

test("doctor says what to do, in full, and fails with a check", async () => {
  const checks = [
    { name: "git", result: "ok", detail: "2.39.5", remedy: "" },
    {
      name: "clock",
      result: "failed",
      detail: "it is not synchronised",
      remedy: "systemctl enable --now systemd-timesyncd",
    },
  ];
  const seen = await tryOut("doctor", { ...onAny({ "GET /api/v1/doctor": { checks } }), width: 40 });
  expect(seen.status).toBe(1);
  expect(linesOf(seen.stdout)).toEqual([
    "RESULT  CHECK  DETAIL",
    "ok      git    2.39.5",
    "failed  clock",
    "    it is not synchronised",
    "    → systemctl enable --now",
    "    systemd-timesyncd",
  ]);
  const piped = await tryOut("doctor", onAny({ "GET /api/v1/doctor": { checks } }));
  expect(linesOf(piped.stdout).at(-1)).toBe(
    "failed  clock  it is not synchronised  → systemctl enable --now systemd-timesyncd",
  );
});
