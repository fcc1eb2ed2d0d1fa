import { expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";
import { commands } from "./commands/all.ts";

const shown = commands.filter(({ section }) => section !== "hidden").map(({ name }) => name);

test.each(shown)("the help of %s has an example, which is of that command", (name) => {
  const help = parseCommandLine([...name.split(" "), "--help"]);
  const [, example = ""] = /\nExample: gitopperctl (.*)\n/.exec("show" in help ? help.show : "") ?? [];
  const words = [...example.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
  expect(parseCommandLine(words)).toMatchObject({ run: { command: { name } } });
});
