/** Files that git has as pointers of Git LFS: a commit with such files at a service's links is refused. */
import { expect, test } from "vitest";
import type { RepoPath } from "../../src/model/path.ts";
import { infoOf, reasonOf } from "../../src/model/state.ts";
import { assertNoKnownPointers } from "../../src/reconcile/target/lfs-pointers.ts";
import { createServices } from "../../src/sync/create-services.ts";
import { FakeClock } from "../builders/fake-clock.ts";
import { aDaemonSetup, type DaemonSetup, runDaemonAt } from "./a-daemon.ts";
import { anUpstream } from "./a-store.ts";

const now = "2026-11-28T12:00:00Z";
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d7a2146".repeat(8)}\nsize 12345\n`;
const tracked = "*.bin filter=lfs diff=lfs merge=lfs -text\n";

/** The service `app` has what is at `app`, and `other` what is at `other`. */
async function twoServices(name: string) {
  const upstream = anUpstream(name, { "app/a.bin": "one\n", "other/conf": "one\n", README: "r\n" });
  for (const key of ["allowFilter", "allowAnySHA1InWant"])
    upstream.git("config", `uploadpack.${key}`, "true");
  const place = aDaemonSetup(upstream.path, new FakeClock(now), ["other"]);
  const [app, other] = place.services as DaemonSetup["services"] & { 1: DaemonSetup["services"][0] };
  const links = [{ local: null, link: "other" as RepoPath, file: false }];
  const daemon = runDaemonAt({ ...place, services: [app, { ...other, links }] });
  const pull = () => {
    for (const service of ["app", "other"]) daemon.loop.requestPoll(service, "pull");
  };
  const applied = (service: string) => daemon.context.records.get(service).commit;
  const arrives = (commit: string, services = ["app", "other"]) =>
    daemon.until(() => services.every((service) => applied(service) === commit));
  pull();
  await arrives(upstream.first);
  return { upstream, place, daemon, pull, arrives };
}

test("a pointer at a link is refused, and other services get the commit", async () => {
  const { upstream, daemon, pull, arrives } = await twoServices("lfs");
  await using _ = daemon;
  const second = upstream.commit({ ".gitattributes": tracked, "app/a.bin": pointer, "other/conf": "two\n" });
  pull();
  await arrives(second, ["other"]);
  await daemon.until(() => reasonOf(daemon.state()) === "refused");
  expect(infoOf(daemon.state())).toBe(
    `REFUSED ${second.slice(0, 8)}: "app/a.bin" is a Git LFS pointer, and gitopper fetches no files from LFS; keep the file itself in git`,
  );
  expect(daemon.file("app/a.bin")).toBe("one\n");

  const third = upstream.commit({ ".gitattributes": null, "app/a.bin": "three\n" });
  pull();
  await arrives(third);
  expect(daemon.file("app/a.bin")).toBe("three\n");
});

test("a pointer outside of the service's links, and a text without the attribute of LFS, are accepted", async () => {
  const { upstream, daemon, pull, arrives } = await twoServices("lfs-not");
  await using _ = daemon;
  const second = upstream.commit({ "app/example": pointer });
  pull();
  await arrives(second);
  expect(daemon.file("app/example")).toBe(pointer);
  // Beside the link, where cone mode brings it.
  const third = upstream.commit({ ".gitattributes": tracked, "big.bin": pointer, "app/a.bin": "three\n" });
  pull();
  await arrives(third);
  expect(daemon.file("app/a.bin")).toBe("three\n");
});

test("attributes of a directory count for what is below it, and what is deployed is not judged again", async () => {
  const { upstream, daemon, pull, arrives } = await twoServices("lfs-below");
  await using _ = daemon;
  const second = upstream.commit({ "app/sub/b.bin": pointer, "app/.gitattributes": "# filter=lfs\n" });
  pull();
  await arrives(second);
  // As for a host that had a pointer before pointers were detected.
  const third = upstream.commit({ "app/.gitattributes": tracked });
  pull();
  await arrives(third);
  const fourth = upstream.commit({ "app/sub/c.bin": pointer, "app/sub/d.bin": pointer });
  pull();
  await daemon.until(() =>
    infoOf(daemon.state()).includes('"app/sub/c.bin" is a Git LFS pointer (so are 1 more)'),
  );
  await daemon.until(() => daemon.context.records.get("other").commit === fourth);
});

test("a plan announces a pointer", async () => {
  const { upstream, place, daemon, pull } = await twoServices("lfs-plan");
  await using _ = daemon;
  const base = daemon.commit();
  const next = upstream.commit({ ".gitattributes": tracked, "app/a.bin": pointer });
  pull();
  await daemon.until(() => reasonOf(daemon.state()) === "refused");
  const { account, upstream: url } = place.setup.store;
  const group = { upstream: url, user: account.name, services: place.services };
  const [member] = createServices(group, account, daemon.context);
  if (member === undefined) throw new Error("no member");
  await expect(assertNoKnownPointers(member, { base, to: next })).rejects.toThrow(
    `${next.slice(0, 8)} would be refused: "app/a.bin" is a Git LFS pointer`,
  );
});
