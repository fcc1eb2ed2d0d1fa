import { expect, test } from "vitest";
import type { AbsPath } from "../../model/path.ts";
import { type Ended, renderMounts } from "./render-release.ts";

const ended = (target: string, mount: Ended["mount"], ...inside: string[]): Ended => ({
  planned: { target: target as AbsPath, inside: inside.map((each) => ({ target: each as AbsPath })) },
  mount,
});

test("a line for each kind of end, and for each backup", () => {
  const saved = "/var/backups/gitopper/app/1";
  expect(
    renderMounts([
      ended("/etc/app", { is: "files", saved: `${saved}/etc/app` }, "/etc/app/conf.d"),
      ended("/etc/hosts", { is: "absent" }),
      ended("/etc/motd", { is: "files", saved: null }),
      ended("/srv/www", { is: "unmounted" }),
    ]),
  ).toEqual([
    "plain files now: /etc/app, /etc/app/conf.d, /etc/motd",
    "unmounted: /srv/www",
    "nothing was mounted at /etc/hosts",
    `hidden before, and kept in ${saved}: /etc/app`,
  ]);
  expect(renderMounts([])).toEqual([]);
});
