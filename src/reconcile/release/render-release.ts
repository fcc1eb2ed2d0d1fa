/** What came of the mounts of a service, for people. Pure. */
import type { Planned } from "../../host/release/plan-release.ts";
import type { ReleasedMount } from "../../host/release/release-mount.ts";

/** A mount, with those inside it. */
export interface Ended {
  readonly planned: Pick<Planned, "target"> & { readonly inside: readonly Pick<Planned, "target">[] };
  readonly mount: ReleasedMount;
}

/** A line each for what was released, what was only unmounted, what was not mounted, and where hidden files are now. */
export function renderMounts(ended: readonly Ended[]): string[] {
  const those = (is: ReleasedMount["is"]) =>
    ended
      .filter(({ mount }) => mount.is === is)
      .flatMap(({ planned: { target, inside } }) => [target, ...inside.map((each) => each.target)]);
  const line = (what: string, places: readonly string[]) =>
    places.length === 0 ? [] : [`${what} ${places.join(", ")}`];
  return [
    ...line("plain files now:", those("files")),
    ...line("unmounted:", those("unmounted")),
    ...line("nothing was mounted at", those("absent")),
    ...renderSaved(ended),
  ];
}

/** A line for each directory of backups, which has the hidden files at their whole paths. */
function renderSaved(ended: readonly Ended[]): string[] {
  const saved = ended.flatMap(({ planned: { target }, mount }) =>
    mount.is === "files" && mount.saved?.endsWith(target)
      ? [{ target, place: mount.saved.slice(0, -target.length) }]
      : [],
  );
  return [...Map.groupBy(saved, ({ place }) => place)].map(
    ([place, those]) =>
      `hidden before, and kept in ${place}: ${those.map(({ target }) => target).join(", ")}`,
  );
}
