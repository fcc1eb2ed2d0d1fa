import fc from "fast-check";
import { expect, test } from "vitest";
import { readConfig } from "../config/read-config.ts";
import { type Answers, parseAnswer } from "./answers.ts";
import { answersIn, globalOf, isUntouched, renderConfig } from "./config-text.ts";

const answers: Answers = {
  upstream: "https://git.example.org/config.git",
  branch: "main",
  mount: "/srv/gitopper",
};
const context = { hosts: ["web1"], userExists: () => true, groupExists: () => true, defaultUser: "root" };

test("the text is a valid config without services, and says what was answered", async () => {
  const read = await readConfig(renderConfig(answers), context);
  expect(read.ok && read.settings.services).toEqual([]);
  expect(answersIn(renderConfig(answers))).toEqual(answers);
});

test("its example is a service, once the comment is taken away", async () => {
  const text = renderConfig(answers).replace(/^# (?=\[\[|\w+ = )/gm, "");
  const read = await readConfig(text, context);
  expect(read.ok && read.settings.services.map(({ name, checkout }) => [name, checkout])).toEqual([
    ["nginx", "/srv/gitopper/nginx"],
  ]);
});

test("whatever is accepted as an answer is read back as it was", async () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[a-z"\\#=[\]\n\t']{1,20}$/),
    fc.constantFrom('x"', "x\\", 'x"\n[api]\ninsecure = true', "#", "\\u0022", '"""', "'''"),
  );
  const keyOf = (key: keyof Answers, prefix: string) =>
    hostile.map((text) => prefix + text).filter((text) => parseAnswer(key, text).ok);
  const any = fc.record({
    upstream: fc.oneof(keyOf("upstream", "/"), keyOf("upstream", "git@example.org:")),
    branch: keyOf("branch", ""),
    mount: keyOf("mount", "/"),
  });
  await fc.assert(
    fc.asyncProperty(any, async (given) => {
      const text = renderConfig(given);
      expect(answersIn(text)).toEqual(given);
      expect((await readConfig(text, context)).ok).toBe(true);
    }),
  );
});

test("only a text without later edits is init's own", () => {
  const text = renderConfig(answers);
  expect(isUntouched(text)).toBe(true);
  const others = [
    `${text}\n`,
    `${text}[[services]]\n`,
    text.replace("# One", "# one"),
    "",
    "x = [",
    "global = 1",
  ];
  expect(others.filter(isUntouched)).toEqual([]);
});

test("what a config says in [global] is found, in a broken one nothing", () => {
  expect(globalOf('[global]\nupstream = "/x"\n[[services]]\n')).toEqual({ upstream: "/x" });
  expect(["", "x", "global = []", "global = 3"].map(globalOf)).toEqual([{}, {}, {}, {}]);
});
