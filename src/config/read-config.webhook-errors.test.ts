import { expect, test } from "vitest";
import { forges } from "../model/webhook.ts";
import { renderConfigError } from "./errors/config-error.ts";
import { readConfig } from "./read-config.ts";

const context = { hosts: ["web1"], userExists: () => true, groupExists: () => true, defaultUser: "root" };

async function errorsOf(text: string): Promise<readonly string[]> {
  const result = await readConfig(text, context);
  return result.ok ? [] : result.errors.map((error) => renderConfigError("c", error));
}

/** A webhook with these lines, from line 4 on. */
const hook = (lines = "", name = "github") =>
  `[[webhooks]]\nname = "${name}"\nkind = "github"\n${lines || 'secret_file = "s"'}\n`;

test("a webhook that is as it should be has no error", async () => {
  expect(await errorsOf(hook() + hook('secret_credential = ["a", "b"]', "other"))).toEqual([]);
});

test.each<[string, string]>([
  [
    "[[webhooks]]\nkind = 'github'\nsecret_file = 's'",
    'c:1:1: webhooks[0].name: is missing; give the end of its URL, such as "github" for /webhook/github',
  ],
  [
    hook("", "a/b"),
    'c:2:1: webhooks[0].name: "a/b" is not a webhook\'s name; use letters, digits and . _ -, such as "github"',
  ],
  [
    hook("", "unknown"),
    'c:2:1: webhooks[0].name: "unknown" is what webhooks are counted as that are not in the config; use another name',
  ],
  [
    hook().replace('"github"\nsecret', '"githup"\nsecret'),
    'c:3:1: webhooks[0].kind: "githup" is not a kind of forge; did you mean "github"?',
  ],
  [
    hook().replace('"github"\nsecret', '"svn"\nsecret'),
    `c:3:1: webhooks[0].kind: "svn" is not a kind of forge; use one of ${forges.join(", ")}`,
  ],
  [
    hook("secret_file = []"),
    'c:4:1: webhooks[0].secret_file: is missing; add secret_file = "/etc/gitopper/github.secret", or secret_credential = "github"',
  ],
  [
    hook("secret_file = 5"),
    "c:4:1: webhooks[0].secret_file: is neither a string in quotes nor a list of them",
  ],
  [
    hook('secret_credential = "../x"'),
    'c:4:1: webhooks[0].secret_credential: "../x" is not the name of a credential; use the ID of LoadCredential=, such as "github"',
  ],
  [
    hook('secret_file = "s"\nupstreams = []'),
    "c:5:1: webhooks[0].upstreams: is empty; name upstreams, or drop the key for that of the push",
  ],
  [
    hook() + hook(),
    'c:6:1: webhooks[1].name: "github" is taken; give each webhook a name of its own (see line 2)',
  ],
  ['[global]\ninterval = "10ms"', 'c:2:1: global.interval: "10ms" is too short; use "1s" or more'],
])("%j", async (text, error) => {
  expect((await errorsOf(text))[0]).toBe(error);
});
