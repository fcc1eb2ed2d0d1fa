import { describe, expect, test } from "vitest";
import { refused, tryOut } from "../../../../test/builders/ctl.ts";
import { aDetails, aStep, hashOf } from "../../../../test/builders/ctl-details.ts";

const row = (service: string) => ({ service, hash: "", state: "OK", stateinfo: "", change: "" });
const one = (service: string) => `POST /api/v1/services/${service}/pull`;

test("--all pulls every service, and a refusal for one does not stop the others", async () => {
  const answers = {
    "GET /list/services": { services: [row("app"), row("nginx")] },
    [one("app")]: refused(409, "app is frozen; unfreeze it to pull"),
    [one("nginx")]: { message: "nginx polls its upstream now" },
  };
  const seen = await tryOut("pull --all", { hosts: { "*": answers } });
  expect(seen.asked.filter((asked) => asked.includes("POST"))).toHaveLength(2);
  expect(seen.status).toBe(1);
  expect(seen.stdout).toMatch(/^app is frozen.*\nnginx polls its upstream now\n$/);
});

test("--all on a host without services says so", async () => {
  const seen = await tryOut("pull --all", { hosts: { "*": { "GET /list/services": { services: [] } } } });
  expect(seen).toMatchObject({ status: 0, stdout: "this host has no services\n" });
});

describe("--all --wait", () => {
  const looked = "2026-03-05T12:00:03Z";
  const of = (service: string, changes = {}) => aDetails({ service, lookedAt: looked, ...changes });
  const good = { commit: hashOf("b"), subject: "better" };
  const busy = { busy: true, deploying: aStep("health", { probe: "healthy 4/10 s" }) };
  const list = (...services: unknown[]) => ({ services });
  const accepted = (...services: string[]) =>
    Object.fromEntries(services.map((service) => [one(service), { message: `${service} looks` }]));
  const twoOf = {
    "GET /list/services": list(row("app"), row("nginx")),
    ...accepted("app", "nginx"),
  };
  const before = list(aDetails({ service: "app" }), aDetails());
  const underWay = list(of("app", good), of("nginx", busy));
  const told = (service: string, step: "fetch" | "publish" | "unit", detail = "") => {
    const data = { at: looked, type: "progress", service, text: step, ...aStep(step, { detail }) };
    return `event: progress\ndata: ${JSON.stringify(data)}\n\n`;
  };
  const stream = [
    told("app", "fetch"),
    told("nginx", "fetch"),
    told("other", "fetch"),
    told("nginx", "publish"),
    told("app", "publish"),
    told("nginx", "unit", "systemctl reload"),
  ];

  test("waits for all at once, shows their steps as they happen, and ends with a line for each", async () => {
    const answers = {
      ...twoOf,
      "GET /api/v1/services": [before, list(of("app", busy), of("nginx", busy)), underWay],
      "GET /api/v1/services/nginx": [of("nginx", busy), of("nginx", good)],
    };
    const around = { hosts: { "*": answers }, streams: [stream] };
    const seen = await tryOut("pull --all --wait", around);
    expect(seen.stderr.replaceAll("gitopperctl: ", "").split("\n")).toEqual([
      "app: deploying bbbbbbbb: fetch",
      "nginx: deploying bbbbbbbb: fetch",
      "nginx: deploying bbbbbbbb: publish",
      "app: deploying bbbbbbbb: publish",
      "nginx: deploying bbbbbbbb: unit (systemctl reload)",
      "",
    ]);
    expect(seen.stdout.split("\n")).toEqual([
      'app is OK at bbbbbbbb "better"; done: fetched · live',
      'nginx is OK at bbbbbbbb "better"; done: fetched · live · reloaded',
      "",
    ]);
    expect(seen.status).toBe(0);
    const asked = seen.asked.map((line) => line.split(" ").slice(1, 3).join(" "));
    expect(asked).toEqual([
      "GET /list/services",
      "GET /api/v1/services",
      "follow null",
      one("app"),
      one("nginx"),
      "GET /api/v1/services",
      "GET /api/v1/services",
      "GET /api/v1/services/nginx",
      "GET /api/v1/services/nginx",
    ]);

    const onTerminal = await tryOut("pull --all --wait", { ...around, width: 80, progressWidth: 80 });
    expect(onTerminal.stderr).toContain("gitopperctl: nginx: deploying bbbbbbbb: publish\n");
    const drawn = onTerminal.stderr.split("\r\x1b[K");
    const both = /^waiting for 2 of 2: app bbbbbbbb: [^:]+ · nginx bbbbbbbb: [^:]+, 0 s$/;
    expect(drawn).toContainEqual(expect.stringMatching(both));
    expect(drawn).toContainEqual(expect.stringMatching(/^waiting for 1 of 2: nginx bbbbbbbb: [^:]+, \d+ s$/));
    const json = JSON.parse((await tryOut("pull --all --wait --json", around)).stdout);
    expect(json).toMatchObject([{ service: "app", state: "OK" }, { service: "nginx" }]);
  });

  test("each has its own end, and the exit status is the worst", async () => {
    const answers = {
      "GET /list/services": list(...["app", "nginx", "db", "slow"].map(row)),
      ...accepted("app", "nginx", "slow"),
      [one("db")]: refused(409, "db is frozen; unfreeze it to pull"),
      "GET /api/v1/services/app/deployments?limit=1": { deployments: [], next: null },
      "GET /api/v1/services/slow": of("slow", busy),
      "GET /api/v1/services": [
        list(...["app", "nginx", "db", "slow"].map((service) => aDetails({ service }))),
        list(of("app", { state: "BROKEN", info: "it is dead" }), of("nginx", good), of("slow", busy)),
      ],
    };
    const seen = await tryOut("pull --all --wait 3s", { hosts: { "*": answers } });
    expect(seen.stdout.split("\n")).toEqual([
      'app is BROKEN at aaaaaaaa "nginx: larger pages": it is dead',
      'nginx is OK at bbbbbbbb "better"',
      "db is frozen; unfreeze it to pull",
      "slow: Gave up waiting after 3 s, and the work goes on: slow bbbbbbbb: healthy 4/10 s",
      "",
    ]);
    expect(seen.status).toBe(1);

    const broken = { ...answers, "GET /list/services": list(row("app"), row("nginx")) };
    expect((await tryOut("pull --all --wait", { hosts: { "*": broken } })).status).toBe(3);
  });
});

test.each(["pull", "pull nginx --all"])("%s is refused before any request", async (line) => {
  expect(await tryOut(line)).toMatchObject({
    status: 2,
    asked: [],
    stderr: expect.stringContaining("name a service, or say --all"),
  });
});
