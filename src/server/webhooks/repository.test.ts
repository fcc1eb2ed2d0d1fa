import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameRepository } from "./repository.ts";

describe("one repository", () => {
  const forms = [
    "https://git.example.org/team/app.git",
    "https://git.example.org/team/app",
    "https://git.example.org/team/app/",
    "http://GIT.example.org/Team/App.git",
    "https://bob:pa@ss@git.example.org:8443/team/app.git",
    "ssh://git@git.example.org:2222/team/app.git",
    "git@git.example.org:team/app.git",
    "git@git.example.org:/team/app",
    "git.example.org:team/app",
    "git://git.example.org/team/app.git",
    "https://git.example.org/team/%61pp.git",
  ];
  test.each(forms)("%s", (form) => {
    for (const other of forms) expect(isSameRepository(form, other)).toBe(true);
  });

  test.each([
    ["https://dev.azure.com/org/project/_git/app", "git@ssh.dev.azure.com:v3/org/project/app"],
    ["https://org@dev.azure.com/org/My%20Project/_git/app", "git@ssh.dev.azure.com:v3/org/My%20Project/app"],
    ["https://dev.azure.com/org/_git/app", "git@ssh.dev.azure.com:v3/org/app/app"],
    ["https://org.visualstudio.com/DefaultCollection/_git/app", "org@vs-ssh.visualstudio.com:v3/org/app/app"],
    ["/srv/git/app.git", "/srv/git/app"],
    ["file:///srv/git/app.git", "/srv/git/app"],
    ["ssh://git@[::1]:22/app.git", "https://[::1]/app"],
  ])("%s and %s", (one, other) => expect(isSameRepository(one, other)).toBe(true));
});

test.each([
  ["https://git.example.org/team/app.git", "https://git.example.org/team/app2.git"],
  ["https://git.example.org/team/app.git", "https://git.example.com/team/app.git"],
  ["https://git.example.org/team/app.git", "https://evil.example.org/git.example.org/team/app.git"],
  ["https://git.example.org/team/app.git", "https://git.example.org@evil.example.org/team/app.git"],
  ["https://git.example.org/app", "https://git.example.org/team/app"],
  ["https://git.example.org/", "https://git.example.org/"],
  ["", ""],
  ["nothing", "nothing"],
])("%s is not %s", (one, other) => expect(isSameRepository(one, other)).toBe(false));

test("untrusted URLs are handled, and long ones quickly", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => typeof isSameRepository(one, other) === "boolean"),
  );
  expect(isSameRepository(`https://${"@".repeat(500_000)}`, "https://x/y")).toBe(false);
});
