/** What distributions install beside the programs: manual pages and completions. */
import { commands } from "../src/ctl/commands/all.ts";
import { renderBash } from "../src/ctl/complete/bash.ts";
import { renderFish } from "../src/ctl/complete/fish.ts";
import { renderZsh } from "../src/ctl/complete/zsh.ts";
import { renderManPages } from "./render-man.ts";

/** The text of each file, by its path in packaging/, named as the shells and man(1) look for them. */
export function renderPackaging(): Readonly<Record<string, string>> {
  const pages = Object.entries(renderManPages()).map(([name, text]) => [`man/${name}`, text]);
  return {
    ...Object.fromEntries(pages),
    "completions/gitopperctl.bash": renderBash(commands),
    "completions/_gitopperctl": renderZsh(commands),
    "completions/gitopperctl.fish": renderFish(commands),
  };
}
