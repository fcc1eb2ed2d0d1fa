import { expect, test } from "vitest";
import { Failure, UsageFailure } from "./failure.ts";
import { askEach } from "./fan-out.ts";
import type { Endpoint } from "./hosts/reach.ts";

const endpoints = Array.from({ length: 100 }, (_, index) => ({ name: `h${index}` }) as Endpoint);

test("many hosts get their requests at once, and never more than 32", async () => {
  let under = 0;
  let most = 0;
  const outcomes = await askEach(endpoints, async ({ name }) => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setImmediate(resolve));
    under--;
    return name;
  });
  expect(most).toBe(32);
  expect(outcomes.map(({ result }) => result)).toEqual(endpoints.map(({ name }) => name));
});

test("a failure is kept; a bug, and what makes no sense for any host, is thrown", async () => {
  const failing = (error: Error) => askEach(endpoints.slice(0, 1), () => Promise.reject(error));
  expect(await failing(new Failure("no"))).toMatchObject([{ result: { message: "no" } }]);
  await expect(failing(new UsageFailure("no"))).rejects.toThrow(UsageFailure);
  await expect(failing(new TypeError("bug"))).rejects.toThrow(TypeError);
});
