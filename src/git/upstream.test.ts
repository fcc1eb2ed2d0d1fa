import { expect, test } from "vitest";
import { bundlePath, localRepositories, splitCredentials } from "./upstream.ts";

test("credentials leave the URL, and only there where they are some", () => {
  expect(splitCredentials("https://bob:p%40ss@example.com/x.git")).toEqual({
    url: "https://example.com/x.git",
    credentials: "https://bob:p%40ss@example.com\n",
  });
  expect(splitCredentials("https://bob:p@ss@example.com/x@y.git")).toEqual({
    url: "https://example.com/x@y.git",
    credentials: "https://bob:p%40ss@example.com\n",
  });
  for (const plain of ["https://example.com/a@b", "ssh://git@example.com/x", "git@example.com:x", "/srv/x"]) {
    expect(splitCredentials(plain)).toEqual({ url: plain, credentials: "" });
  }
});

test("a local upstream is known by its path", () => {
  expect(localRepositories("/srv/x.git/")).toEqual([
    "/srv/x.git",
    "/srv/x.git.git",
    "/srv/x.git/.git",
    "/srv/x.git.git/.git",
  ]);
  expect(localRepositories("file:///srv/my%20x")).toContain("/srv/my x.git");
  expect(localRepositories("https://example.com/x")).toEqual([]);
});

test("a bundle is known by its name, before it is there", () => {
  expect(bundlePath("/media/usb/config.bundle")).toBe("/media/usb/config.bundle");
  expect(bundlePath("file:///media/my%20stick/config.bundle")).toBe("/media/my stick/config.bundle");
  for (const other of ["/srv/config.git", "https://example.com/config.bundle", "host:config.bundle"])
    expect(bundlePath(other)).toBeNull();
});
