import { expect, test } from "vitest";
import { tryOut } from "../../../../test/builders/ctl.ts";
import { aDetails } from "../../../../test/builders/ctl-details.ts";

const nginx = "/api/v1/services/nginx";

function planned(details: ReturnType<typeof aDetails>, asked = "") {
  const plan = `GET ${nginx}/plan${asked === "" ? "" : `?to=${asked}`}`;
  const answers = { [plan]: { to: null, steps: [] }, [`GET ${nginx}`]: details };
  return tryOut(`plan nginx ${asked}`.trim(), { hosts: { "*": answers } });
}

test("where there is nothing to do because the service is held, that is said", async () => {
  expect((await planned(aDetails())).stdout).toBe("there is nothing to do\n");
  const held = { commit: null, by: "root", reason: "sale", since: null, until: null };
  const frozen = aDetails({ state: "FREEZE", held, info: "by root: sale" });
  expect((await planned(frozen)).stdout).toBe(
    "there is nothing to do: nginx is FREEZE (by root: sale) and ignores its upstream; " +
      "gitopperctl diff nginx shows what unfreezing would change\n",
  );
  expect((await planned(frozen, "bbbb")).stdout).toBe("there is nothing to do\n");
});
