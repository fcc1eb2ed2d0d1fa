import { describe, expect, test } from "vitest";
import { refused, tryOut } from "../../test/builders/ctl.ts";
import { anEvent, aStep } from "../../test/builders/ctl-details.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });

const linesOf = (text: string) => text.trimEnd().split("\n");

describe("watch", () => {
  const chunk = (event: ReturnType<typeof anEvent>) =>
    `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  const one = chunk(anEvent({ id: 4 }));

  test("prints events as lines, and goes on after the last one when the connection is lost", async () => {
    const other = chunk(anEvent({ id: 5, service: "caddy", state: "BROKEN", text: "caddy is BROKEN\x1b" }));
    const streams = [
      ["retry: 3000\n\n", one.slice(0, 20), one.slice(20)],
      "Cannot reach it",
      [": still here\n\n", other],
      [],
    ];
    const seen = await tryOut("watch --absolute", { streams });
    expect(linesOf(seen.stdout)).toEqual([
      "2026-03-05 11:00:00 UTC  OK        nginx  aaaaaaaa  nginx is OK",
      "2026-03-05 11:00:00 UTC  BROKEN    caddy  aaaaaaaa  caddy is BROKEN\\x1b",
    ]);
    expect(seen.asked.slice(0, 3)).toEqual([
      "localhost follow null",
      "localhost follow 4",
      "localhost follow 4",
    ]);
    expect(seen.stderr).toContain("The connection has ended; tries again in 1 s");
    expect(seen.stderr).toContain("Cannot reach it; tries again in 2 s");
    expect(seen.stderr).toContain("connected again");
    expect(seen.status).toBe(0);
  });

  const progress = ([step, detail]: readonly ["check" | "unit", string]) => {
    const row = { at: "2026-03-05T11:00:00Z", type: "progress", service: "nginx", text: step };
    return `event: progress\ndata: ${JSON.stringify({ ...row, ...aStep(step, { detail }) })}\n\n`;
  };
  const ended = chunk(anEvent({ id: 6, type: "deployment-ended", text: "deployed bbbbbbbb" }));
  const steps = [
    progress(["check", "nginx -t"]),
    progress(["check", "nginx -t"]),
    progress(["unit", "systemctl reload"]),
    ended,
  ];

  test("the steps of a deployment are lines, and stand behind its end", async () => {
    const seen = await tryOut("watch --absolute", { streams: [steps, []] });
    const at = "2026-03-05 11:00:00 UTC";
    expect(linesOf(seen.stdout)).toEqual([
      `${at}            nginx  bbbbbbbb  check (nginx -t)`,
      `${at}            nginx  bbbbbbbb  unit (systemctl reload)`,
      `${at}  OK        nginx  aaaaaaaa  deployed bbbbbbbb [checked (nginx -t) · reloaded]`,
    ]);
    expect(linesOf((await tryOut("watch --json", { streams: [steps, []] })).stdout)).toHaveLength(1);
  });

  test("on a terminal they are one line, which gives way to events", async () => {
    const seen = await tryOut("watch", { streams: [steps, []], width: 80, progressWidth: 80 });
    const [, first, second, third, after] = seen.stderr.split("\r\x1b[K");
    expect([first, second, third, after]).toEqual([
      "nginx bbbbbbbb: check (nginx -t)",
      "nginx bbbbbbbb: check (nginx -t)",
      "nginx bbbbbbbb: checked (nginx -t) · unit (systemctl reload)",
      expect.not.stringContaining("nginx"),
    ]);
    expect(linesOf(seen.stdout)).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}OK {8}nginx {2}aaaaaaaa {2}deployed bbbbbbbb$/),
      "    checked (nginx -t) · reloaded",
    ]);
  });

  test("a service of interest, as JSON lines", async () => {
    const other = chunk(anEvent({ id: 5, service: "caddy" }));
    const answers = onAny({ "GET /api/v1/services/caddy": {} });
    const { stdout } = await tryOut("watch caddy --json", { ...answers, streams: [[one + other], []] });
    expect(linesOf(stdout).map((line) => JSON.parse(line).id)).toEqual([5]);
    const nope = refused(404, 'There is no service "nope" on this host');
    const unknown = await tryOut("watch nope", {
      ...onAny({ "GET /api/v1/services/nope": nope }),
      streams: [[one]],
    });
    expect(unknown).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining('no service "nope"'),
    });
  });

  test("with several hosts each line names its host; an unreachable host makes the exit status 1", async () => {
    const streams = [[one], "Cannot reach it", []];
    const seen = await tryOut("watch --json @w,web2", { streams });
    expect(JSON.parse(seen.stdout)).toMatchObject({ host: "w", event: { id: 4 } });
    expect(seen).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("gitopperctl: web2: Cannot reach it\n"),
    });
  });

  test("a host that was never reached is a failure", async () => {
    expect(await tryOut("watch", { streams: ["Cannot reach it", []] })).toMatchObject({
      status: 1,
      stderr: "gitopperctl: Cannot reach it\n",
    });
  });
});
