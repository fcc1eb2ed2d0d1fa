import { expect, test } from "vitest";
import type { AbsPath } from "../../model/path.ts";
import { oursAt } from "./mounts.ts";

test("a mount of ours is known by what it shows, also after its checkout was set aside", () => {
  const points = [
    { point: "/", device: "8:1", root: "/", options: [] },
    { point: "/srv", device: "8:2", root: "/@srv", options: [] },
  ];
  const seen = (...roots: string[]) => {
    const mounts = [...points, ...roots.map((root) => ({ point: "/etc", device: "8:2", root, options: [] }))];
    return oursAt(
      { checkout: "/srv/app" as AbsPath, sources: ["8:3 /old/app"] },
      "/etc" as AbsPath,
      Map.groupBy(mounts, ({ point }) => point),
    );
  };
  const ours = "/@srv/app/app/etc";
  expect([ours, "/@srv/app.aside-2026T1Z/app/etc", `${ours}//deleted`].map((root) => seen(root))).toEqual(
    Array(3).fill("on top"),
  );
  expect(["/", "/@srv/app2/app/etc", "/srv/app/app/etc"].map((root) => seen(root))).toEqual(
    Array(3).fill("none"),
  );
  const moved = { point: "/etc", device: "8:3", root: "/old/app/app/etc", options: [] };
  const table = Map.groupBy([...points, moved], ({ point }) => point);
  const at = (sources: string[]) =>
    oursAt({ checkout: "/srv/app" as AbsPath, sources }, "/etc" as AbsPath, table);
  expect([at(["8:3 /old/app"]), at(["8:2 /old/app"]), at([])]).toEqual(["on top", "none", "none"]);
  expect([seen(), seen(ours, "/"), seen("/", ours)]).toEqual(["none", "covered", "on top"]);
});
