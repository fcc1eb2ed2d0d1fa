import { expect, test } from "vitest";
import { tryOut } from "../../../../test/builders/ctl.ts";
import { renderSaved } from "./adopt-report.ts";

test("another host, or this one by its name, is refused in one line that says what to do", async () => {
  const seen = await tryOut("adopt nginx @web1");
  expect(seen).toMatchObject({
    status: 2,
    stderr:
      "gitopperctl: adopt takes files of the host that it runs on: leave out @web1 here, or run it on web1\n",
  });
});

test("saved edits are named with the commands that keep the newest patch", () => {
  const at = (name: string) => `/var/lib/gitopper/patches/app/${name}`;
  const older = at("2026-11-22T105900000Z-1a2b3c4d.patch");
  expect(renderSaved([])).toBe("");
  expect(
    renderSaved([
      older,
      at("2026-11-23T105900000Z-5e6f7a8b.patch"),
      at("2026-11-24T105900000Z-5e6f7a8b.files"),
    ]),
  ).toBe(
    "edits that were overwritten are in /var/lib/gitopper/patches/app; to keep the newest, in a clone: git switch --create keep-edits 5e6f7a8b && git apply --index /var/lib/gitopper/patches/app/2026-11-23T105900000Z-5e6f7a8b.patch",
  );
  expect(renderSaved([at("2026-11-24T105900000Z-5e6f7a8b.files")])).toBe(
    "edits that were overwritten are in /var/lib/gitopper/patches/app/2026-11-24T105900000Z-5e6f7a8b.files",
  );
});
