import { expect, test } from "vitest";
import { SharedAnswer } from "./shared-answer.ts";

function examination() {
  const begun: PromiseWithResolvers<string>[] = [];
  const time = { nowMs: 0 };
  const work = () => {
    const answer = Promise.withResolvers<string>();
    begun.push(answer);
    return answer.promise;
  };
  const shared = new SharedAnswer(work, { monotonicMs: () => time.nowMs });
  const end = async (index: number, text: string) => {
    begun[index]?.resolve(text);
    await settled();
  };
  return { shared, begun, time, end };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("an answer of now was begun after the question", async () => {
  const { shared, begun, end } = examination();
  const early = shared.get("now");
  await settled();
  const [late, later] = [shared.get("now"), shared.get("now")];
  await settled();
  expect(begun).toHaveLength(1);
  await end(0, "ill");
  await end(1, "well");
  expect(await Promise.all([early, late, later])).toEqual(["ill", "well", "well"]);
  const again = shared.get("now");
  await settled();
  await end(2, "ill again");
  expect(await again).toBe("ill again");
  expect(begun).toHaveLength(3);
});

test("an answer of lately is the one that is under way, or one that is less than 5 s old", async () => {
  const { shared, begun, time, end } = examination();
  const first = shared.get("lately");
  await settled();
  time.nowMs = 60_000;
  const second = shared.get("lately");
  await end(0, "ill");
  time.nowMs = 64_999;
  expect(await Promise.all([first, second, shared.get("lately")])).toEqual(["ill", "ill", "ill"]);
  time.nowMs = 65_000;
  const third = shared.get("lately");
  await settled();
  await end(1, "well");
  expect(await third).toBe("well");
  expect(begun).toHaveLength(2);
});

test("an answer that failed is not kept", async () => {
  const { shared, begun, end } = examination();
  const failed = shared.get("now").catch((error: unknown) => error);
  await settled();
  begun[0]?.reject(new Error("no answer"));
  expect(await failed).toEqual(new Error("no answer"));
  const second = shared.get("lately");
  await settled();
  await end(1, "well");
  expect(await second).toBe("well");
});
