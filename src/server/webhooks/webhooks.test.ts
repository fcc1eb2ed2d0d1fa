import definitions from "@octokit/webhooks-examples" with { type: "json" };
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  after,
  before,
  hexOf,
  type PushMade,
  secret,
  signingToken,
  type WebhookSent,
  webhookOf,
} from "../../../test/builders/webhooks.ts";
import { type Forge, forges, type Push, type WebhookResult } from "../../model/webhook.ts";
import { createWebhooks } from "./webhooks.ts";

type Kind = Parameters<typeof webhookOf>[0];

const all: readonly [Kind, Forge][] = [
  ...forges.map((forge): [Kind, Forge] => [forge, forge]),
  ["bitbucket-data-center", "bitbucket"],
  ["gitlab-signed", "gitlab"],
];

/** A daemon with one webhook, `hook`; keeps the pushes that it got and the counted results. */
function aDaemon(kind: Forge, secrets: readonly string[] = [secret, signingToken]) {
  const pushes: Push[] = [];
  const counted: [string, WebhookResult][] = [];
  const lines: string[] = [];
  let nowMs = 0;
  const take = createWebhooks({
    webhooks: [{ name: "hook", kind, secrets: [], upstreams: null }],
    secretsOf: () => secrets,
    wake: (_, push) => {
      pushes.push(push);
      return { woke: true, message: "woke app" };
    },
    onResult: (webhook, result) => counted.push([webhook, result]),
    log: (line) => lines.push(line),
    clock: { now: () => new Date(), monotonicMs: () => nowMs },
  });
  const send = ({ headers, body }: WebhookSent, name = "hook") =>
    take({ name, headers, body: Buffer.from(body) }).reply;
  return { send, pushes, counted, lines, advance: (ms: number) => (nowMs += ms) };
}

describe.each(all)("%s", (kind, forge) => {
  const sent = (made?: PushMade) => webhookOf(kind, made);

  test("a push has the repository, the branch and both commits", () => {
    const { send, pushes, counted } = aDaemon(forge);
    expect(send(sent())).toMatchObject({ status: 202, body: '{"message":"woke app"}\n' });
    expect(pushes).toEqual([
      {
        is: "push",
        repository: expect.arrayContaining([
          expect.stringMatching(/git\.example\.org\/(scm\/)?team\/app(\.git)?$/),
        ]),
        branches: [{ branch: "main", before, after }],
      },
    ]);
    expect(counted).toEqual([["hook", "woke"]]);
  });

  test("a branch that is gone has no commit, and a tag is no branch", () => {
    const { send, pushes } = aDaemon(forge);
    send(sent({ after: "0".repeat(40) }));
    send(sent({ ref: "refs/tags/v1", after: "1".repeat(40) }));
    expect(pushes.map(({ branches }) => branches)).toEqual([[{ branch: "main", before, after: null }], []]);
  });

  test("a wrong secret, another body and a request without proof are refused alike, as is another name", () => {
    const { send, pushes, counted } = aDaemon(forge);
    const good = sent();
    const replies = [
      send(sent({ secret: `${kind === "gitlab-signed" ? "whsec_" : ""}something else of 32 letters` })),
      send({ body: good.body, headers: { "content-type": "application/json" } }),
      send(good, "other"),
      // Tokens travel with the request, and say nothing of its body.
      ...(kind === "gitlab" || kind === "azure" ? [] : [send({ ...good, body: `${good.body} ` })]),
    ];
    expect(new Set(replies.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(replies[0]).toMatchObject({ status: 401 });
    expect(pushes).toEqual([]);
    expect(counted.map(([name]) => name)).toEqual(
      ["hook", "hook", "unknown", "hook"].slice(0, replies.length),
    );
    expect(new Set(counted.map(([, result]) => result))).toEqual(new Set(["refused"]));
  });

  test("what comes a second time wakes nothing, until it is forgotten", () => {
    const { send, pushes, counted, advance } = aDaemon(forge);
    const once = sent();
    const replies = [once, sent(), once].map((each) => send(each).status);
    advance(3_600_001);
    // A signed time is too old long before that.
    if (kind !== "gitlab-signed") replies.push(send(once).status);
    expect(replies.slice(0, 3)).toEqual([202, signsBodyAlone(kind) ? 200 : 202, 200]);
    expect(replies.slice(3).every((status) => status === 202)).toBe(true);
    expect(pushes.length).toBe(replies.filter((status) => status === 202).length);
    expect(counted).toContainEqual(["hook", "repeated"]);
  });

  test("what it says of other things wakes nothing", () => {
    // The generic form has no other.
    if (kind === "generic") return;
    const { send, pushes } = aDaemon(forge);
    expect(send(sent({ event: "issue" }))).toMatchObject({
      status: 200,
      body: expect.stringContaining("wakes nothing"),
    });
    expect(pushes).toEqual([]);
  });

  test("malformed payloads are refused without an exception", () => {
    const { send } = aDaemon(forge);
    const { headers } = sent();
    const resigned = (body: string) => {
      const hex = hexOf(body, secret);
      return Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace(/[0-9a-f]{64}/, hex)]),
      );
    };
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mangled(JSON.parse(sent().body))), (body) => {
        expect([200, 202, 400, 401]).toContain(send({ headers: resigned(body), body }).status);
      }),
    );
  });
});

/** Where a signature is over the body alone, a body is taken once, whatever id it comes with. */
function signsBodyAlone(kind: Kind): boolean {
  return !["gitlab", "gitlab-signed", "azure", "generic"].includes(kind);
}

/** A payload with something else at one of its keys. */
function mangled(payload: Record<string, unknown>): fc.Arbitrary<string> {
  const key = fc.constantFrom(...Object.keys(payload));
  return fc.tuple(key, fc.jsonValue()).map(([at, value]) => JSON.stringify({ ...payload, [at]: value }));
}

test.each([
  ["github", "ping"],
  ["gitea", "ping"],
  ["bitbucket", "diagnostics:ping"],
] as const)("%s tries whether we are there", (kind, event) => {
  expect(aDaemon(kind).send(webhookOf(kind, { event }))).toMatchObject({
    status: 200,
    body: '{"message":"pong"}\n',
  });
});

describe("GitHub's own examples", () => {
  // Its types take it for a module with a default inside the default.
  const examples = definitions as unknown as readonly {
    readonly name: string;
    readonly examples: readonly unknown[];
  }[];
  const sent = (name: string, payload: unknown): WebhookSent => {
    const body = JSON.stringify(payload);
    return {
      body,
      headers: { "x-github-event": name, "x-hub-signature-256": `sha256=${hexOf(body, secret)}` },
    };
  };

  test("every push is read, and every other event passed over", () => {
    const { send, pushes } = aDaemon("github");
    for (const { name, examples: some } of examples)
      for (const payload of some) expect(send(sent(name, payload)).status).toBe(name === "push" ? 202 : 200);
    const ids = new Set(pushes.flatMap(({ branches }) => branches));
    expect([...ids]).toContainEqual({
      branch: "master",
      before: null,
      after: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
    });
    expect(new Set(pushes.flatMap(({ repository }) => repository))).toContain(
      "https://github.com/Codertocat/Hello-World.git",
    );
  });

  test("a push in a form is read too", () => {
    const { send, pushes } = aDaemon("github");
    const body = new URLSearchParams({ payload: webhookOf("github").body }).toString();
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-github-event": "push",
      "x-hub-signature-256": `sha256=${hexOf(body, secret)}`,
    };
    expect(send({ headers, body }).status).toBe(202);
    expect(pushes[0]?.branches).toEqual([{ branch: "main", before, after }]);
  });
});

test("during a replacement the old and the new secret are accepted, and without a secret no request is", () => {
  const other = "the old secret, still in use";
  const { send } = aDaemon("github", [other, secret]);
  expect(send(webhookOf("github")).status).toBe(202);
  expect(send(webhookOf("github", { secret: other, after: "1".repeat(40) })).status).toBe(202);
  expect(aDaemon("github", []).send(webhookOf("github", { secret: "" })).status).toBe(401);
});

test("a signing token is not accepted as a plain secret", () => {
  const { send } = aDaemon("gitlab", [signingToken]);
  expect(send(webhookOf("gitlab", { secret: signingToken })).status).toBe(401);
});

test("nothing that is logged has the secret", () => {
  const { send, lines } = aDaemon("gitlab");
  send(webhookOf("gitlab"));
  send(webhookOf("gitlab", { event: secret.repeat(9) }));
  expect(lines[0]).toBe("webhook hook: woke app");
});
