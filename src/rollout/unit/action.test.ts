import { expect, test } from "vitest";
import type { RepoPath } from "../../model/path.ts";
import { verbFor } from "./action.ts";

const grafana = {
  action: "reload",
  actions: [
    { path: "grafana/etc/unit.conf", action: "restart" },
    { path: "grafana/etc/plugins", action: "try-restart" },
    { path: "grafana/dashboards", action: null },
    { path: "grafana/dashboards/home.json", action: "reload-or-restart" },
  ] as { path: RepoPath; action: string | null }[],
};
const verb = (...places: string[]) => verbFor(grafana, places as RepoPath[]);

test("a file outside of all paths needs the service's own verb", () => {
  expect(verb("grafana/etc/grafana.ini")).toBe("reload");
  expect(verb("grafana/etc/unit.conf.d")).toBe("reload");
  expect(verbFor({ ...grafana, action: null }, ["grafana/etc/grafana.ini" as RepoPath])).toBeNull();
});

test("a file in a path needs that path's verb, also none", () => {
  expect(verb("grafana/etc/unit.conf")).toBe("restart");
  expect(verb("grafana/etc/plugins/a/b.so")).toBe("try-restart");
  expect(verb("grafana/dashboards/one.json", "grafana/dashboards/two.json")).toBeNull();
});

test("where paths lie in each other the inner one counts", () => {
  expect(verb("grafana/dashboards/home.json")).toBe("reload-or-restart");
});

test("of several files the strongest verb wins", () => {
  expect(verb("grafana/dashboards/one.json", "grafana/etc/grafana.ini")).toBe("reload");
  expect(verb("grafana/etc/grafana.ini", "grafana/dashboards/home.json")).toBe("reload-or-restart");
  expect(verb("grafana/etc/plugins/a", "grafana/etc/unit.conf", "grafana/etc/grafana.ini")).toBe("restart");
});

test("a directory of which everything may have changed needs what any of its files may need", () => {
  expect(verb("grafana/etc")).toBe("restart");
  expect(verb("grafana/dashboards")).toBe("reload-or-restart");
  expect(verb("grafana/etc/plugins")).toBe("try-restart");
  expect(verb(".")).toBe("restart");
});

test("a path of the whole repository is around everything", () => {
  const service = { action: "restart", actions: [{ path: "." as RepoPath, action: "reload" }] };
  expect(verbFor(service, ["a/b" as RepoPath])).toBe("reload");
});
