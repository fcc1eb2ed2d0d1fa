import { expect, test } from "vitest";
import { type Answers, parseAnswer } from "./answers.ts";

test.each<[keyof Answers, string, string]>([
  ["upstream", "https://git.example.org/config.git", "https://git.example.org/config.git"],
  ["upstream", "git@git.example.org:config.git", "git@git.example.org:config.git"],
  ["upstream", "/srv/git/config.git", "/srv/git/config.git"],
  ["branch", "canary/web", "canary/web"],
  ["mount", "/srv/gitopper/", "/srv/gitopper"],
])("%s may be %s", (key, text, value) => {
  expect(parseAnswer(key, text)).toEqual({ ok: true, value });
});

test.each<[keyof Answers, string, RegExp]>([
  ["upstream", "", /^is empty/],
  ["upstream", "https://bob:secret@git.example.org/config.git", /^has a user or a password; leave it out/],
  ["upstream", "https://bob@git.example.org/config.git", /^has a user or a password; leave it out/],
  ["upstream", "ext::sh -c touch% /tmp/x", /runs a command/],
  ["upstream", "--upload-pack=touch /tmp/x", /starts with "-"/],
  ["upstream", "ssh://-oProxyCommand=x/y", /starts with "-"/],
  ["upstream", "/srv/git\n[api]\ninsecure = true", /control character/],
  ["branch", 'main"\u001b[2J', /control character/],
  ["branch", "main..x", /has "\.\."/],
  ["branch", "main\ud800", /control character/],
  ["mount", "srv/gitopper", /is relative/],
  ["mount", "/x".repeat(3000), /longer than 4096/],
])("%s may not be %j", (key, text, why) => {
  const parsed = parseAnswer(key, text);
  expect(parsed.ok ? "accepted" : parsed.why).toMatch(why);
  expect(JSON.stringify(parsed)).not.toContain("secret");
});
