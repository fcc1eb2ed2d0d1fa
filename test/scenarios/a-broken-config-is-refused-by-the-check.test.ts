import { expect, test } from "vitest";
import { type CheckedProgram, checkedPrograms } from "../builders/checked-programs.ts";
import { aConfig, aService } from "../builders/config.ts";
import { startGitopper } from "../host/gitopper.ts";
import { bootHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import { freePort } from "../host/port.ts";
import { makeUpstream } from "../host/upstream.ts";

const link = "etc/conf";

/** A host on which gitopper keeps the program's config, and checks it. */
async function aChecked(program: CheckedProgram) {
  await using made = new AsyncDisposableStack();
  const port = await freePort();
  const upstream = made.use(await makeUpstream({ files: { [link]: program.good(port) } }));
  const host = made.use(await bootHost({ name: "alpha" }));
  const unit = program.unit ?? program.name;
  const extra = program.prepare?.(port);
  if (extra !== undefined) await host.write(extra.path, extra.text);
  const service = {
    ...{ service: unit, package: program.name, check: [...program.check] },
    ...(program.user === "root" ? {} : { check_user: program.user }),
    dirs: [{ local: program.local, link, file: true }],
  };
  const gitopper = await startGitopper(host, {
    config: aConfig((await upstream.serve()).url, [aService(service)]),
  });
  const untilAnswer = (answer: string) =>
    poll(
      () => program.ask(port).catch(() => ""),
      (seen) => seen === answer,
      { everyMs: 50, timeoutMs: 60_000, failure: async (seen) => `${seen}\n${await gitopper.journal()}` },
    );
  const pid = () => host.sh(`systemctl show --value --property=MainPID ${unit}`);
  const kept = made.move();
  const end = () => kept.disposeAsync();
  return { port, upstream, host, gitopper, unit, untilAnswer, pid, [Symbol.asyncDispose]: end };
}

/** Newest first. */
async function deploymentsOf({ gitopper, unit }: Awaited<ReturnType<typeof aChecked>>) {
  const { json } = await gitopper.get(`/api/v1/services/${unit}/deployments/output`);
  return (json as { deployments: { to: string; failedAt: string; output: string }[] }).deployments;
}

test.each(checkedPrograms)("$name goes on undisturbed until the config is mended", async (program) => {
  await using scene = await aChecked(program);
  const { port, upstream, host, gitopper, unit, untilAnswer, pid } = scene;
  await untilAnswer(program.answers[0]);
  const good = await upstream.commit({ "other/file": "for nobody\n" });
  await gitopper.pull(unit);
  await gitopper.until(unit, (row) => row.hash === good && row.state === "OK", { timeoutMs: 60_000 });
  const before = { pid: await pid(), text: await host.read(program.local) };

  const bad = await upstream.commit({ [link]: program.bad });
  await gitopper.pull(unit);
  const refused = await gitopper.untilReason(unit, "refused");
  expect(refused).toMatchObject({ state: "DIFF", commit: good });
  expect(refused.info).toContain(` ${bad.slice(0, 8)}: ${program.check[0]}`);
  expect(refused.info).toMatch(program.says);
  expect({ pid: await pid(), text: await host.read(program.local) }).toEqual(before);
  expect(await program.ask(port)).toBe(program.answers[0]);
  const deployments = await deploymentsOf(scene);
  expect(deployments[0]).toMatchObject({ to: bad, failedAt: "check" });
  expect(deployments[0]?.output).toMatch(program.says);

  // It is not tried again, until there is another one.
  await gitopper.pull(unit);
  await gitopper.until(unit, (row) => row.state === "DIFF");
  const mended = await upstream.commit({ [link]: program.better(port) });
  await gitopper.pull(unit);
  await untilAnswer(program.answers[1]);
  const done = (row: { hash: string; state: string }) => row.hash === mended && row.state === "OK";
  await gitopper.until(unit, done, { timeoutMs: 60_000 });
  expect((await gitopper.details(unit)).reason).toBeNull();
  expect((await deploymentsOf(scene)).filter(({ to }) => to === bad)).toHaveLength(1);
});
