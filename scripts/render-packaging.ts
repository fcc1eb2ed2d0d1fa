/** What distributions install beside the programs: manual pages and completions. */
import { scripts } from "../src/ctl/complete/scripts.ts";
import { renderManPages } from "./render-man.ts";

/** The text of each file, by its path in packaging/, named as the shells and man(1) expect. */
export function renderPackaging(): Readonly<Record<string, string>> {
  const pages = Object.entries(renderManPages()).map(([name, text]) => [`man/${name}`, text]);
  return {
    ...Object.fromEntries(pages),
    "completions/gitopperctl.bash": scripts.bash,
    "completions/_gitopperctl": scripts.zsh,
    "completions/gitopperctl.fish": scripts.fish,
  };
}
