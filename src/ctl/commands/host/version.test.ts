import { expect, test } from "vitest";
import { tryOut } from "../../../../test/builders/ctl.ts";
import { version } from "../../../model/version.ts";

test("version has the client's, and why the daemon's is missing", async () => {
  const seen = await tryOut("version @web1", { hosts: { "*": "Cannot reach web1" } });
  expect(seen).toMatchObject({
    status: 1,
    stdout: `gitopperctl ${version}\n`,
    stderr: "gitopperctl: Cannot reach web1\n",
  });
});
