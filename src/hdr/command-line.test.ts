import { expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";

test("files, with the usual comment in English", () => {
  expect(parseCommandLine(["a", "b"])).toEqual({ run: { files: ["a", "b"], prefix: "#", language: "en" } });
});

test("a prefix may look like an option or be empty", () => {
  expect(parseCommandLine(["-p", "--", "-l", "nl", "a"])).toEqual({
    run: { files: ["a"], prefix: "--", language: "nl" },
  });
  expect(parseCommandLine(["-p", "", "a"])).toMatchObject({ run: { prefix: "" } });
});

test.each([[[]], [["-l", "de", "a"]], [["-x", "a"]], [["-p", "a\nb", "a"]]])(
  "%j is a usage error",
  (words: string[]) => {
    expect(parseCommandLine(words)).toMatchObject({
      on: "stderr",
      status: 2,
      show: expect.stringMatching(/^gitopperhdr: [^\n]*; see --help\n$/),
    });
  },
);

test("help and version go to stdout", () => {
  expect(parseCommandLine(["--help"])).toMatchObject({
    on: "stdout",
    status: 0,
    show: expect.stringContaining("Usage: gitopperhdr"),
  });
  expect(parseCommandLine(["--version"])).toMatchObject({ on: "stdout", show: expect.stringMatching(/^\d/) });
});
