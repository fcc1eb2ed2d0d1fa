/** `completion <shell>`: a script for the shell; `__complete`: what such a script asks for at run time. */
import { servicesReply } from "../../../api/original-shapes.ts";
import type { CommandDefinition, Given, Own } from "../../cli/definition.ts";
import { renderBash } from "../../complete/bash.ts";
import { renderFish } from "../../complete/fish.ts";
import { renderZsh } from "../../complete/zsh.ts";
import { askFor } from "../../connect/reply.ts";
import { Failure } from "../../failure.ts";
import { reach, readConfig } from "../../hosts/reach.ts";

const shells = { bash: renderBash, zsh: renderZsh, fish: renderFish };

export const completion: CommandDefinition = {
  name: "completion",
  section: "Shell",
  summary: "print what makes the shell complete commands, services and hosts",
  about:
    "Bash: source <(gitopperctl completion bash). Zsh: gitopperctl completion zsh > a directory of $fpath/_gitopperctl. " +
    "Fish: gitopperctl completion fish > ~/.config/fish/completions/gitopperctl.fish.",
  arguments: [{ name: "shell", offer: Object.keys(shells) }],
  options: [],
  act: { over: "nothing", run: print },
};

export const complete: CommandDefinition = {
  name: "__complete",
  section: "hidden",
  summary: "what a completion script asks for",
  arguments: [{ name: "what", offer: ["services", "hosts"] }],
  options: [],
  act: { over: "nothing", run: offer },
};

/** Nobody waits longer for a TAB. */
const patienceMs = 1_500;

async function print({ arguments: { shell } }: Given, { surroundings, commands }: Own): Promise<number> {
  const render = Object.entries(shells).find(([name]) => name === shell)?.[1];
  if (render === undefined) return 2;
  surroundings.terminal.write(render(commands));
  return 0;
}

/** Whatever goes wrong, a person at a prompt only wants to see no offers. */
async function offer({ arguments: { what } }: Given, own: Own): Promise<number> {
  try {
    const words = what === "hosts" ? hostNames(own) : await serviceNames(own);
    own.surroundings.terminal.write(words.map((word) => `${word}\n`).join(""));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  return 0;
}

function hostNames({ surroundings }: Own): string[] {
  const { hosts, groups } = readConfig(surroundings);
  return [...Object.keys(hosts), ...Object.keys(groups)].sort();
}

async function serviceNames({ surroundings, hosts }: Own): Promise<string[]> {
  const flags = { via: null, identity: null, token: null };
  const [first] = reach({ hosts, flags, timeoutMs: patienceMs }, surroundings);
  if (first === undefined) return [];
  const { value } = await askFor(first.connection, servicesReply, { method: "GET", path: "/list/services" });
  // A name from elsewhere ends up at a prompt: nothing in it may mean something to a shell.
  return value.services.map(({ service }) => service).filter((name) => /^\w[\w.@:-]*$/.test(name));
}
