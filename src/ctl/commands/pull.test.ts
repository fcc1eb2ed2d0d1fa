import { expect, test } from "vitest";
import { refused, tryOut } from "../../../test/builders/ctl.ts";

const row = (service: string) => ({ service, hash: "", state: "OK", stateinfo: "", change: "" });
const one = (service: string) => `POST /api/v1/services/${service}/pull`;

test("--all pulls every service, and one that refuses keeps no other from it", async () => {
  const answers = {
    "GET /list/services": { services: [row("app"), row("nginx")] },
    [one("app")]: refused(409, "app is frozen; unfreeze it to pull"),
    [one("nginx")]: { message: "nginx looks at its upstream now" },
  };
  const seen = await tryOut("pull --all", { hosts: { "*": answers } });
  expect(seen.asked.filter((asked) => asked.includes("POST"))).toHaveLength(2);
  expect(seen.status).toBe(1);
  expect(seen.stdout).toMatch(/^app is frozen.*\nnginx looks at its upstream now\n$/);
});

test.each(["pull", "pull nginx --all"])("%s is refused before any host is asked", async (line) => {
  expect(await tryOut(line)).toMatchObject({
    status: 2,
    asked: [],
    stderr: expect.stringContaining("name a service, or say --all"),
  });
});
