import { expect, test } from "vitest";
import { createLog, renderLine } from "./log.ts";

test("an entry is one line, with its service first and its priority for the journal", () => {
  const entry = { level: 40, msg: "line one\nline two https://a:b@c/", service: "app", took: 3 };
  expect(renderLine(JSON.stringify(entry), true)).toBe(
    "<4>warning: app: line one | line two https://***@c/ took=3\n",
  );
});

test("what cannot be written is lost, and the program goes on", () => {
  const tried: string[] = [];
  const log = createLog({ debug: false }, (line) => {
    tried.push(line);
    throw new Error("EPIPE: broken pipe, write");
  });
  log.warn({ service: "app", err: new Error("no") }, "one");
  log.info("two");
  expect(tried).toHaveLength(2);
});
