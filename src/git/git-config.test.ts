import { expect, test } from "vitest";
import { renderGitConfig } from "./git-config.ts";

test("git trusts local upstreams by name only", () => {
  expect(renderGitConfig(["/srv/x.git"])).toContain('[safe]\n\tdirectory = "/srv/x.git"\n');
  expect(renderGitConfig([])).toContain("hooksPath = /dev/null");
});
