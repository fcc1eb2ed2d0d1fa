import { expect, test } from "vitest";
import { askUpstream } from "../../src/git/fetch/poll-upstream.ts";
import type { Git } from "../../src/git/git.ts";
import type { Commit } from "../../src/model/commit.ts";
import type { AbsPath, RepoPath } from "../../src/model/path.ts";
import { plainService, type Service } from "../../src/model/service.ts";
import { createHistory } from "../../src/reconcile/history-reader.ts";
import { type Known, verbOf } from "../../src/reconcile/observe/verb-of.ts";
import type { LinkSeen } from "../../src/rollout/plan.ts";
import { anUpstream, aStore, asked } from "./a-store.ts";

const links = ["app/etc", "app/pages"].map((link) => ({
  local: `/srv/${link}` as AbsPath,
  link: link as RepoPath,
  file: false,
}));
const actions = [
  { path: "app/etc/unit.conf" as RepoPath, action: "restart" },
  { path: "app/pages" as RepoPath, action: null },
];
const service: Service = {
  ...plainService,
  name: "app",
  machine: "alpha",
  upstream: "",
  branch: "main",
  checkout: "/srv/app" as AbsPath,
  user: "root",
  action: "reload",
  actions,
  links,
};

const upstream = anUpstream("actions", {
  "app/etc/conf": "1\n",
  "app/etc/unit.conf": "1\n",
  "app/pages/a.html": "1\n",
  "other/file": "1\n",
});
const { first } = upstream;
const conf = upstream.commit({ "app/etc/conf": "2\n", "other/file": "2\n" });
const page = upstream.commit({ "app/pages/*.html": "a name that is a pattern elsewhere\n" });
const unit = upstream.commit({ "app/etc/unit.conf": "2\n", "app/pages/a.html": null });

/** The verb on the way to a commit, and how many gits ran for it; `remounted` links have just been put back. */
async function told(known: Known, { changed = true, remounted = "", of = service } = {}) {
  const setup = aStore(upstream.path);
  await askUpstream(setup.store, ["main"], setup.tools, asked);
  let gits = 0;
  const git: Git = (...args) => {
    gits += 1;
    return setup.git(...args);
  };
  const history = createHistory(setup.store, [], { git, readOnlyGit: git });
  const seen = links.map((link): LinkSeen => {
    const bind = link.link === remounted ? "absent" : "mounted";
    return { link, bind, stale: changed, needsReload: changed, unitFiles: false, definesUnits: false };
  });
  return { verb: await verbOf({ service: of, history }, seen, known), gits };
}
const to = (target: Commit, from: Commit | null, interruptedAt: Commit | null = null): Known => ({
  ...{ target, lastReloaded: from, interruptedAt },
});

test("the files that differ from those the unit knows decide", async () => {
  expect(await told(to(conf, first))).toEqual({ verb: "reload", gits: 1 });
  expect((await told(to(page, conf))).verb).toBeNull();
  expect((await told(to(page, first))).verb).toBe("reload");
  expect((await told(to(unit, page))).verb).toBe("restart");
  expect((await told(to(unit, first))).verb).toBe("restart");
});

test("a revert considers the commits that the unit may have read meanwhile", async () => {
  expect((await told(to(page, page, unit), { changed: false })).verb).toBe("restart");
  expect((await told(to(conf, conf, page), { changed: false })).verb).toBeNull();
});

test("when it is unknown which files the unit has read, all actions run", async () => {
  expect((await told(to(unit, null))).verb).toBe("restart");
  const gone = "0".repeat(40) as Commit;
  expect((await told(to(conf, gone))).verb).toBe("restart");
});

test("a link that was not mounted counts with all of its files", async () => {
  const remounted = { changed: false, remounted: "app/pages" };
  expect(await told(to(unit, unit), remounted)).toEqual({ verb: null, gits: 0 });
  expect((await told(to(unit, unit), { changed: false, remounted: "app/etc" })).verb).toBe("restart");
});

test("git does not run without a change, nor without actions", async () => {
  expect((await told(to(unit, unit), { changed: false })).gits).toBe(0);
  const plain = { ...service, actions: [] };
  expect(await told(to(unit, first), { of: plain })).toEqual({ verb: "reload", gits: 0 });
});
