/** `gitopperctl __complete <words>`, which the shells' completions call at each TAB. */
import { servicesReply } from "../../api/original-shapes.ts";
import type { Command } from "../cli/definition.ts";
import { arrange } from "../cli/words.ts";
import { get } from "../connect/reply.ts";
import type { Environment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { readConfig } from "../hosts/config-file.ts";
import { parseHosts } from "../hosts/named.ts";
import { reach } from "../hosts/reach.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";

/** The longest wait for a daemon after a TAB. */
const timeoutMs = 1_500;
/** Printed instead of candidates when the shell should complete file names. */
export const filesLine = ":files";

/**
 * Returns a line per candidate, with a tab and its description, or `filesLine`. On an error it returns nothing, because
 * a message would end up in the prompt.
 */
export async function complete(
  words: readonly string[],
  commands: readonly Command[],
  environment: Environment,
): Promise<string> {
  try {
    const [before, current] = [words.slice(0, -1), words.at(-1) ?? ""];
    const { hosts, plain } = arrange(before, commands);
    const offer = candidatesOf(before, current, plain, commands);
    if (offer === "files") return `${filesLine}\n`;
    const found = typeof offer === "string" ? await query(offer, hosts, current, environment) : offer;
    const fitting = found.filter(({ word }) => word.startsWith(current));
    return fitting.map(({ word, about }) => `${word}\t${about}\n`).join("");
  } catch (error) {
    if (error instanceof Failure) return "";
    throw error;
  }
}

/** `hosts`: the words of the line that name hosts. */
async function query(
  offer: "hosts" | "services",
  hosts: readonly string[],
  current: string,
  environment: Environment,
): Promise<readonly Candidate[]> {
  const before = /^@(?:.*,)?/.exec(current)?.[0] ?? "@";
  const found =
    offer === "services"
      ? await serviceNames(hosts, environment)
      : hostNames(environment).map((name) => before + name);
  return found.map((word) => ({ word, about: "" }));
}

function hostNames(environment: Environment): string[] {
  const { hosts, groups } = readConfig(environment);
  return [...Object.keys(hosts), ...Object.keys(groups)].sort();
}

async function serviceNames(hosts: readonly string[], environment: Environment): Promise<string[]> {
  const flags = { via: null, identity: null, token: null };
  const [first] = reach({ hosts: parseHosts(hosts), flags, timeoutMs }, environment);
  if (first === undefined) return [];
  const { value } = await get(first.connection, servicesReply, "/list/services");
  // Names from a daemon end up in a prompt: skips those with characters that are special to a shell.
  return value.services.map(({ service }) => service).filter((name) => /^\w[\w.@:-]*$/.test(name));
}
