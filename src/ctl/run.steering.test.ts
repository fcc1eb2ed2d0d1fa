import { describe, expect, test } from "vitest";
import { refused, tryOut } from "../../test/builders/ctl.ts";
import { aDeployment, aDetails, hashOf } from "../../test/builders/ctl-details.ts";

const onAny = (answers: Readonly<Record<string, unknown>>) => ({ hosts: { "*": answers } });
const nginx = "/api/v1/services/nginx";
const done = (verb: string) => ({ [`POST ${nginx}/${verb}`]: { message: `nginx: ${verb}` } });

test.each([
  ["pull nginx", `POST ${nginx}/pull {"reason":"","overrideWindow":false,"again":false}`],
  [
    "pull nginx --override-window --reason urgent",
    `POST ${nginx}/pull {"reason":"urgent","overrideWindow":true,"again":false}`,
  ],
  ["freeze nginx", `POST ${nginx}/freeze {"reason":""}`],
  ["freeze nginx --reason disk --for 3d", `POST ${nginx}/freeze {"reason":"disk","for":"259200000ms"}`],
  [
    "freeze nginx --until 2026-03-05T18:00Z",
    `POST ${nginx}/freeze {"reason":"","until":"2026-03-05T18:00:00.000Z"}`,
  ],
  ["rollback nginx 1a2b --reason slow", `POST ${nginx}/rollback {"commit":"1a2b","reason":"slow"}`],
  ["unfreeze nginx --yes", `POST ${nginx}/unfreeze`],
])("%s", async (line, asked) => {
  const answers = { ...done("pull"), ...done("freeze"), ...done("rollback"), ...done("unfreeze") };
  const seen = await tryOut(line, onAny(answers));
  expect(seen.asked).toEqual([`localhost ${asked}`]);
  expect(seen).toMatchObject({ status: 0, stdout: expect.stringMatching(/^nginx: \w+\n$/) });
});

test("a freeze until the past is refused before any request", async () => {
  const seen = await tryOut("freeze nginx --until 2026-03-05T11:00Z");
  expect(seen).toMatchObject({ status: 2, asked: [], stderr: expect.stringContaining("has passed") });
});

describe("unfreeze", () => {
  const held = { commit: hashOf("a"), by: "root", reason: "", since: null, until: null };
  const commits = [
    { commit: hashOf("c"), subject: "worse\x1b", author: "Ann", committedAt: "2026-03-05T11:00:00Z" },
    { commit: hashOf("b"), subject: "bad", author: "Bob", committedAt: "2026-03-05T10:00:00Z" },
  ];
  const answers = (ahead = commits) => ({
    [`GET ${nginx}`]: aDetails({ state: "FREEZE", held, behind: ahead.length }),
    [`GET ${nginx}/ahead`]: {
      from: hashOf("a"),
      to: ahead[0]?.commit ?? hashOf("a"),
      commits: ahead,
      truncated: false,
    },
    ...done("unfreeze"),
  });

  test("it names the commits that it will bring, and asks for confirmation", async () => {
    const seen = await tryOut("unfreeze nginx", { ...onAny(answers()), says: "y" });
    expect(seen.stderr).toBe(
      "nginx on this host will get 2 commits:\n" +
        "  cccccccc  worse\\x1b (Ann, 1 h ago)\n" +
        "  bbbbbbbb  bad (Bob, 2 h ago)\n",
    );
    expect(seen).toMatchObject({ questions: ["Go on? [y/N] "], stdout: "nginx: unfreeze\n", status: 0 });
  });

  test.each(["", "n", "nginx"])("an answer of %j changes nothing", async (says) => {
    const seen = await tryOut("unfreeze nginx", { ...onAny(answers()), says });
    expect(seen).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("Nothing was changed\n"),
    });
    expect(seen.asked.filter((asked) => asked.includes("POST"))).toEqual([]);
  });

  test("without a terminal it refuses, and says what to do", async () => {
    const seen = await tryOut("unfreeze nginx", onAny(answers()));
    expect(seen.status).toBe(2);
    expect(seen.stderr).toBe(
      "gitopperctl: unfreeze will bring 2 commits to nginx; say --yes if that is meant\n",
    );
    expect(seen.asked.filter((asked) => asked.includes("POST"))).toEqual([]);
  });

  test("without new commits it asks for no confirmation", async () => {
    expect(await tryOut("unfreeze nginx", onAny(answers([])))).toMatchObject({ status: 0, questions: [] });
  });

  test("it asks for confirmation for a rewritten history without commits ahead, too", async () => {
    const ahead = { from: hashOf("a"), to: hashOf("b"), commits: [], truncated: false };
    const seen = await tryOut("unfreeze nginx", onAny({ ...answers(), [`GET ${nginx}/ahead`]: ahead }));
    expect(seen).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("bbbbbbbb, which is not ahead"),
    });
  });

  test("a host that does not answer beforehand is not changed, the others are, and there is one confirmation", async () => {
    const broken = { ...answers(), [`GET ${nginx}/ahead`]: refused(500, "no") };
    const hosts = { web1: answers(), web2: broken, web3: answers() };
    const seen = await tryOut("unfreeze nginx @web1,web2,web3", { hosts, says: "yes" });
    expect(seen.questions).toHaveLength(1);
    expect(seen.asked.filter((asked) => asked.includes("POST"))).toEqual([
      `web1 POST ${nginx}/unfreeze`,
      `web3 POST ${nginx}/unfreeze`,
    ]);
    expect(seen).toMatchObject({ status: 1, stderr: expect.stringContaining("3 hosts: 2 ok, 1 failed") });
  });
});

describe("rollback without a commit", () => {
  const rows = [
    aDeployment(),
    aDeployment({ to: hashOf("d"), result: "failed" }),
    aDeployment({ to: hashOf("b"), trigger: "pull", startedAt: "2026-03-05T10:00:00Z" }),
    aDeployment({ to: hashOf("c") }),
    aDeployment({ to: hashOf("b") }),
  ];
  const answers = {
    [`GET ${nginx}`]: aDetails(),
    [`GET ${nginx}/deployments?limit=100`]: { deployments: rows, next: null },
    ...done("rollback"),
  };

  test("offers those that worked, each once and not the present one", async () => {
    const seen = await tryOut("rollback nginx", { ...onAny(answers), says: "2" });
    expect(seen.stderr).toBe("1  bbbbbbbb  2 h ago, by pull\n2  cccccccc  1 d ago, by poll\n");
    expect(seen.questions).toEqual(["Which one? [1-2] "]);
    expect(seen.asked.at(-1)).toBe(
      `localhost POST ${nginx}/rollback {"commit":"${hashOf("c")}","reason":""}`,
    );
  });

  test("offers the commit that worked last while a newer one fails", async () => {
    const broken = { ...answers, [`GET ${nginx}`]: aDetails({ state: "BROKEN" }) };
    const seen = await tryOut("rollback nginx", { ...onAny(broken), says: "1" });
    expect(seen.asked.at(-1)).toBe(
      `localhost POST ${nginx}/rollback {"commit":"${hashOf("a")}","reason":""}`,
    );
  });

  test.each(["", "0", "3", "b"])("an answer of %j changes nothing", async (says) => {
    const seen = await tryOut("rollback nginx", { ...onAny(answers), says });
    expect(seen.status).toBe(1);
    expect(seen.asked.filter((asked) => asked.includes("POST"))).toEqual([]);
  });

  test("without a terminal it lists them", async () => {
    expect(await tryOut("rollback nginx", onAny(answers))).toMatchObject({
      status: 2,
      stderr:
        "gitopperctl: rollback needs a commit; those that worked are bbbbbbbb (2 h ago, by pull), cccccccc (1 d ago, by poll)\n",
    });
  });

  test("several hosts need it said", async () => {
    const seen = await tryOut("rollback nginx @web1,web2", { ...onAny(answers), says: "1" });
    expect(seen).toMatchObject({ status: 2, stderr: expect.stringContaining("say which commit") });
  });

  test("where there is none, it says so", async () => {
    const none = {
      ...answers,
      [`GET ${nginx}/deployments?limit=100`]: { deployments: [aDeployment()], next: null },
    };
    expect(await tryOut("rollback nginx", onAny(none))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no earlier deployment"),
    });
  });
});
