import { expect, test } from "vitest";
import { commands } from "../commands/all.ts";
import { widthOf } from "../output/visible.ts";
import { parseCommandLine } from "./command-line.ts";

const shown = commands.map(({ name }) => name);

test.each(["", ...shown])("no line of the help of %s is wider than a terminal", (name) => {
  const help = parseCommandLine([...name.split(" "), "--help"].filter(Boolean));
  const lines = "show" in help ? help.show.split("\n") : [];
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => widthOf(line) > 80)).toEqual([]);
});

test.each(shown)("the help of %s has an example, which is of that command", (name) => {
  const help = parseCommandLine([...name.split(" "), "--help"]);
  const [, example = ""] = /\nExample: gitopperctl (.*)\n/.exec("show" in help ? help.show : "") ?? [];
  const words = [...example.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
  expect(parseCommandLine(words)).toMatchObject({ run: { command: { name } } });
});
