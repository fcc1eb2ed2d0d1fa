/** Debian's own programs, checking configs that only they see. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Refusal } from "../../src/model/problem.ts";
import { checkedPrograms } from "../builders/checked-programs.ts";
import { aBind, accountOf, check, put } from "./a-check.ts";

// What their units make at a start, or they themselves.
const runtime = ["/run/sshd", "/run/nginx.pid"].filter((path) => !existsSync(path));
beforeAll(() => void mkdirSync("/run/sshd", { recursive: true }));
afterAll(() => runtime.forEach((path) => void rmSync(path, { recursive: true, force: true })));

test.each(checkedPrograms)("$name refuses a bad config as $user, and takes a good one", async (program) => {
  const { name, local, user, says } = program;
  const account = await accountOf(user);
  const on = (file: string, text: string) =>
    check([program.check], { account, binds: [aBind(put(`${name}/${file}`, text), local)] });
  expect(await on("good", program.good(8099))).toBeNull();
  expect(await on("better", program.better(8099))).toBeNull();
  const problem = await on("bad", program.bad);
  expect(problem).toBeInstanceOf(Refusal);
  expect(problem?.message).toMatch(says);
  expect(problem?.evidence?.output).toMatch(says);
});

test("sshd refuses a bad config as root, and takes a good one", async () => {
  const local = "/etc/ssh/sshd_config";
  const on = (file: string, text: string) =>
    check([["/usr/sbin/sshd", "-t"]], { binds: [aBind(put(`sshd/${file}`, text), local)] });
  expect(await on("good", "Port 22\n")).toBeNull();
  const problem = await on("bad", "Port 22\nNonsense yes\n");
  expect(problem).toBeInstanceOf(Refusal);
  expect(problem?.message).toBe(
    `/usr/sbin/sshd -t: exit status 255: ${local}: line 2: Bad configuration option: Nonsense`,
  );
});

test("nginx cannot check as the user of its workers, which may not write its pid file", async () => {
  const problem = await check([["nginx", "-t"]], { account: await accountOf("www-data") });
  expect(problem?.message).toMatch(/Permission denied/);
});
