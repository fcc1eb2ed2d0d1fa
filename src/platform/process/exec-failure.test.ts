import { expect, test } from "vitest";
import { ExecFailure, isOverflow, isTimeout } from "./exec-failure.ts";

test("an ended program's message says how it was ended, whatever its own output says", () => {
  const words = "error: no end after 30 s: wrote more than 1 bytes";
  const own = new ExecFailure(["x"], "exit status 1", 1, { stderr: words });
  expect([isTimeout(own), isOverflow(own), own.cut]).toEqual([false, false, null]);
  expect(isTimeout(new ExecFailure(["x"], "no end after 30 s", null, { stderr: words, cut: "time" }))).toBe(
    true,
  );
  expect(isOverflow(new ExecFailure(["x"], "too much", null, { stderr: "", cut: "overflow" }))).toBe(true);
});
