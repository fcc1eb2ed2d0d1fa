import { expect, test } from "vitest";
import { renderWebUrl } from "./web-url.ts";

const url = (remote: string) => renderWebUrl({ remote, branch: "main", path: "a/b.yml" });

test.each([
  ["git@github.com:miekg/gitopper.git", "https://github.com/miekg/gitopper/blob/main/a/b.yml"],
  ["https://github.com/miekg/gitopper", "https://github.com/miekg/gitopper/blob/main/a/b.yml"],
  ["https://github.example.org/x/y.git/", "https://github.example.org/x/y/blob/main/a/b.yml"],
  ["git@gitlab.example.org:g/sub/p.git", "https://gitlab.example.org/g/sub/p/-/blob/main/a/b.yml"],
  ["gitlab.example.org:/g/p", "https://gitlab.example.org/g/p/-/blob/main/a/b.yml"],
  ["ssh://git@gitlab.example.org:2222/g/p.git", "https://gitlab.example.org/g/p/-/blob/main/a/b.yml"],
  ["git://gitlab.example.org/g/p.git", "https://gitlab.example.org/g/p/-/blob/main/a/b.yml"],
  ["https://gitlab.example.org:8443/g/p.git", "https://gitlab.example.org:8443/g/p/-/blob/main/a/b.yml"],
  ["http://gitlab.example.org/g/p.git", "http://gitlab.example.org/g/p/-/blob/main/a/b.yml"],
])("%s", (remote, expected) => {
  expect(url(remote)).toBe(expected);
});

test("credentials are left out", () => {
  expect(url("https://bob:pw@gitlab.example.org/g/p.git")).toBe(
    "https://gitlab.example.org/g/p/-/blob/main/a/b.yml",
  );
});

test("branch and path are percent-encoded, their slashes are kept", () => {
  const file = { remote: "git@github.com:x/y.git", branch: "feature/a#1", path: "a b/ü?.yml" };
  expect(renderWebUrl(file)).toBe("https://github.com/x/y/blob/feature/a%231/a%20b/%C3%BC%3F.yml");
});

test.each(["/srv/git/x.git", "../x.git", "file:///srv/x.git", "ext::sh -c x", "https://github.com/", ""])(
  "%j has no page",
  (remote) => {
    expect(url(remote)).toBeNull();
  },
);
