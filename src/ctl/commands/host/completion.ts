/** `completion <shell>`: prints the completion script of a shell. */
import type { Command, CommandInput } from "../../cli/definition.ts";
import { scripts } from "../../complete/scripts.ts";
import type { Environment } from "../../environment.ts";

export const completion: Command = {
  name: "completion",
  example: "completion bash",
  section: "Shell",
  summary: "print the completion script for a shell",
  about:
    "Bash: source <(gitopperctl completion bash). Zsh: gitopperctl completion zsh > a directory of $fpath/_gitopperctl. " +
    "Fish: gitopperctl completion fish > ~/.config/fish/completions/gitopperctl.fish.",
  arguments: [{ name: "shell", offer: Object.keys(scripts) }],
  action: { over: "nothing", run: print },
};

async function print({ arguments: { shell } }: CommandInput, { terminal }: Environment): Promise<number> {
  terminal.write(Object.entries(scripts).find(([name]) => name === shell)?.[1] ?? "");
  return 0;
}
