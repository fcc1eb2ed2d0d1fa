import { expect, test } from "vitest";
import { createLog, inWholeLines, renderLine } from "./log.ts";

test("an entry is one line, with its service first and its priority for the journal", () => {
  const fields = { took: 3, service: "app", left: undefined, of: { parts: ["a"] } };
  expect(renderLine("warn", fields, "line one\nline two https://a:b@c/", true)).toBe(
    '<4>warning: app: line one | line two https://***@c/ took=3 of={"parts":["a"]}\n',
  );
  expect(renderLine("info", {}, "plain", true)).toBe("<6>plain\n");
  expect(renderLine("debug", {}, "plain", false)).toBe("debug plain\n");
});

test("an error brings its stack and those of its causes, however many and in whatever circle", () => {
  const cause = new Error("no route to https://a:b@c/");
  const error = new Error("cannot fetch", { cause });
  error.stack = "Error: cannot fetch\n    at one";
  cause.stack = `Error: ${cause.message}\n    at two`;
  expect(renderLine("error", { err: error }, "a bug", false)).toBe(
    "error: a bug Error: cannot fetch |     at one | caused by: Error: no route to https://***@c/ |     at two\n",
  );
  cause.cause = error;
  expect(renderLine("error", { err: error }, "a bug", false).match(/caused by/g)).toHaveLength(9);
  expect(renderLine("error", { err: "thrown text" }, "a bug", false)).toBe("error: a bug\n");
});

test("what others wrote cannot steer a terminal, hide, or begin a line", () => {
  const hostile = "\u001b]0;title\u0007\u001b[2J\r\u202egnp.exe\u009b31m\u2028x\u0000";
  const line = renderLine("info", { service: "app", of: hostile }, `refused: ${hostile}`, false);
  expect(line).toMatch(/^[\x20-\x7e]+\n$/);
  expect(line).toContain("refused: \\x1b]0;title\\x07\\x1b[2J\\x0d\\u202egnp.exe\\x9b31m\\u2028x\\x00");
});

test("a field that JSON cannot hold is shown all the same", () => {
  expect(renderLine("info", { size: 12n }, "one", false)).toBe("one size=12\n");
});

test("what cannot be written is lost, and the program goes on", () => {
  const tried: string[] = [];
  const log = createLog({ debug: false }, (line) => {
    tried.push(line);
    throw new Error("EPIPE: broken pipe, write");
  });
  log.warn({ service: "app", err: new Error("no") }, "one");
  log.info("two");
  log.debug("three");
  expect(tried).toHaveLength(2);
});

test("a line that went out in part does not swallow the next one", () => {
  let written = "";
  let room = 6;
  const write = inWholeLines((bytes) => {
    if (room === 0) throw new Error("EAGAIN: resource temporarily unavailable, write");
    const taken = bytes.subarray(0, Math.min(room, 4));
    written += String(Buffer.from(taken));
    room -= taken.length;
    return taken.length;
  });
  expect(() => write("a line of more bytes than there is room for\n")).toThrow("EAGAIN");
  expect(() => write("lost altogether\n")).toThrow("EAGAIN");
  room = 1_000;
  write("two\n");
  write("three\n");
  expect(written).toBe("a line\ntwo\nthree\n");
});
