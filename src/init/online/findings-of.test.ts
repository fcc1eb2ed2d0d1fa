import { expect, test } from "vitest";
import type { Entry } from "../../git/history/trees.ts";
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { AbsPath, RepoPath } from "../../model/path.ts";
import { Problem } from "../../model/problem.ts";
import { plainService, type Service } from "../../model/service.ts";
import { faultsOf } from "./findings-of.ts";
import type { UpstreamSeen } from "./observe-upstream.ts";
import { placesIn } from "./places.ts";

const tip = parseCommit("1a2b3c4d".repeat(5)) as Commit;
const link = (name: string, file = false) => ({
  local: `/etc/${name}` as AbsPath,
  link: name as RepoPath,
  file,
});
const nginx: Service = {
  ...plainService,
  ...{ name: "nginx", machine: "web1", upstream: "/up", branch: "main", user: "root" },
  checkout: "/srv/nginx" as AbsPath,
  links: [link("dir"), link("dir2", true), link("file"), link("none"), link("link"), link("odd")],
};
const places = placesIn({
  global: { upstream: "/up" },
  services: [{ machine: "web1", service: "nginx", dirs: nginx.links.map((each) => ({ link: each.link })) }],
});
const entry = (path: string, kind: Entry["kind"]): [string, Entry] => [
  path,
  { path, kind, id: "", mode: "" },
];
const entries = new Map([
  entry("dir", "directory"),
  entry("dir2", "directory"),
  entry("file", "file"),
  entry("link", "symlink"),
  entry("odd", "directory"),
]);
const reached: UpstreamSeen = {
  is: "reached",
  tips: new Map([["main", tip]]),
  branches: null,
  contents: new Map([[tip, { entries, modeFault: (at) => (at === "odd" ? "odd/x is a submodule" : null) }]]),
};
const faults = (seen: UpstreamSeen) =>
  faultsOf({ upstream: "/up", user: "root", services: [nginx] }, seen, places).map(
    ({ path, message }) => `${path.join(".")}: ${message}`,
  );

test("each link that is not as the config has it is a finding at its own line", () => {
  expect(faults(reached)).toEqual([
    'services.0.dirs.1.link: Cannot use link "dir2": it is a directory in commit 1a2b3c4d; remove file = true',
    'services.0.dirs.2.link: Cannot use link "file": it is a file in commit 1a2b3c4d; set file = true',
    'services.0.dirs.3.link: Cannot use link "none": it does not exist in commit 1a2b3c4d; add it, or change the config',
    'services.0.dirs.4.link: Cannot use link "link": it is a symlink in commit 1a2b3c4d; make it a directory',
    "services.0.dirs.5.link: odd/x is a submodule",
  ]);
});

test("a missing branch is one finding, with the branch that was meant", () => {
  const seen = (...branches: string[]): UpstreamSeen => ({ ...reached, tips: new Map(), branches });
  expect(faults(seen("man", "canary"))).toEqual([
    'services.0: branch "main" is not at "/up"; did you mean "man"?',
  ]);
  expect(faults(seen("a1", "b1", "c1", "d1", "e1", "f1"))).toEqual([
    'services.0: branch "main" is not at "/up"; push it, or use one of a1, b1, c1, d1, e1, …',
  ]);
  expect(faults(seen())).toEqual(['services.0: "/up" has no branch yet; push a first commit to "main"']);
});

test("an upstream that does not answer is a finding where its URL is", () => {
  const problem = new Problem("git", 'Cannot fetch "/up": no');
  expect(faults({ is: "unreachable", problem })).toEqual([
    'global.upstream: Cannot fetch "/up": no (as root)',
  ]);
});
