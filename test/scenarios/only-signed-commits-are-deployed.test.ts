import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import type { VerifyFile } from "../../src/config/file.ts";
import { shortCommit } from "../../src/model/commit.ts";
import { aScene, type Stage } from "../builders/scene.ts";
import { configPath, gitopperBin } from "../host/gitopper-unit.ts";
import { GpgSigner, makeSshSigner, type Signer } from "../host/signing-keys.ts";
import { makeTempDir } from "../host/temp-dir.ts";
import { events, untilEvent } from "../host/unit.ts";

const dir = makeTempDir("keys");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** An upstream whose newest commit is signed, and a host whose service has a user that cannot see the keys' directory. */
const aSignedScene = (verify: VerifyFile, keys: string, signer: Signer) =>
  aScene({
    service: { user: "appuser", verify },
    prepare: async ({ upstream, host }: Stage) => {
      await host.sh("useradd --system --no-create-home appuser");
      await host.write(`/etc/gitopper/${verify.allowed_signers ?? verify.gpg_keyring}`, keys);
      await host.sh("chmod 700 /etc/gitopper");
      await upstream.commit({ "app/etc/conf": "signed\n" }, { signer });
    },
  });

test("with mode head the commit that goes in has to be signed, by an SSH key of allowed_signers", async () => {
  const [ann, bob] = [await makeSshSigner(dir, "ann"), await makeSshSigner(dir, "bob")];
  await using scene = await aSignedScene({ mode: "head", allowed_signers: "signers" }, ann.allowed, ann);
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start signed");
  const first = await upstream.head();

  const unsigned = await upstream.commit({ "app/etc/conf": "unsigned\n" });
  await gitopper.pull("app");
  const row = await gitopper.untilReason("app", "unsigned");
  expect(row).toMatchObject({ state: "DIFF", commit: first });
  expect(row.info).toContain(
    ` ${shortCommit(unsigned)}: it is not signed; sign it with a key that verify names`,
  );
  expect(await host.read("/etc/app/conf")).toBe("signed\n");

  const stranger = await upstream.commit({ "app/etc/conf": "bob\n" }, { signer: bob });
  await gitopper.pull("app");
  const why = ` ${shortCommit(stranger)}: it is signed by a key that allowed_signers`;
  await gitopper.untilReason("app", "unsigned", ({ info }) => info.includes(why));
  await gitopper.restart();
  expect((await gitopper.until("app", ({ state }) => state === "DIFF")).hash).toBe(first);
  expect(await events(host, "app")).toEqual(["start signed"]);

  // The keys count as in their files at that time.
  await host.write("/etc/gitopper/signers", ann.allowed + bob.allowed);
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === stranger);
  await untilEvent(host, "app", "reload bob");
});

test("with mode all, an unsigned commit blocks the commits after it, until a rollback deploys one of them", async () => {
  await using gil = await GpgSigner.make(dir, "gil");
  const verify = { mode: "all", gpg_keyring: "keys.asc" };
  await using scene = await aSignedScene(verify, await gil.publicKey(), gil);
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start signed");
  const first = await upstream.head();

  // Nothing of the service is in it, and still nothing passes.
  const beside = await upstream.commit({ "other/file": "x\n" });
  await gitopper.pull("app");
  const waiting = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(waiting).toMatchObject({ hash: first });
  const after = await upstream.commit({ "app/etc/conf": "after\n" }, { signer: gil });
  await gitopper.pull("app");
  const why = ` ${shortCommit(after)}: ${shortCommit(beside)} before it is not signed; `;
  await gitopper.untilReason("app", "unsigned", ({ info }) => info.includes(why));
  expect(await host.read("/etc/app/conf")).toBe("signed\n");

  const refused = await gitopper.tryCtl("state", "rollback", "@", "app", beside);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`Cannot take "app" to ${shortCommit(beside)}: it is not signed; `);
  await gitopper.ctl("state", "rollback", "@", "app", after);
  await gitopper.until("app", ({ state, hash }) => state === "FREEZE" && hash === after);
  await gitopper.ctl("state", "unfreeze", "@", "app");
  const last = await upstream.commit({ "app/etc/conf": "last\n" }, { signer: gil });
  await gitopper.pull("app");
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === last);
  // It was deployed once: signed or not is no question any more.
  await gitopper.ctl("state", "rollback", "@", "app", first);
  await gitopper.until("app", ({ state, hash }) => state === "FREEZE" && hash === first);
});

test("keys that others could change stop new commits, not the service, and are an error of the config", async () => {
  const ann = await makeSshSigner(dir, "eve");
  await using scene = await aSignedScene({ mode: "head", allowed_signers: "signers" }, ann.allowed, ann);
  const { host, gitopper, upstream } = scene;
  await untilEvent(host, "app", "start signed");
  await host.sh("chmod 666 /etc/gitopper/signers");
  const second = await upstream.commit({ "app/etc/conf": "two\n" }, { signer: ann });
  await gitopper.pull("app");
  const row = await gitopper.until("app", ({ state }) => state === "DIFF");
  expect(row.stateinfo).toBe(
    'Cannot verify signatures: "/etc/gitopper/signers" could be changed by others than root; look at owner and mode of "/etc/gitopper/signers"',
  );
  expect(await host.read("/etc/app/conf")).toBe("signed\n");

  await gitopper.stop();
  const checked = await host.run([gitopperBin, "--check", "-c", configPath], { allowFailure: true });
  expect(checked.status).toBe(1);
  expect(checked.stderr).toMatch(
    /config.toml:\d+:\d+: services\[0\]\.verify\.allowed_signers: .* could be changed by others/,
  );
  await host.sh("chmod 644 /etc/gitopper/signers");
  await gitopper.start();
  await gitopper.until("app", ({ state, hash }) => state === "OK" && hash === second);
});
