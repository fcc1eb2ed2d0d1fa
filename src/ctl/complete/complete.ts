/** `gitopperctl __complete <words>`, which the shells' completions call at each TAB. */
import { servicesReply } from "../../api/original-shapes.ts";
import type { Command } from "../cli/definition.ts";
import { get } from "../connect/reply.ts";
import type { Environment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { readConfig } from "../hosts/config-file.ts";
import { parseHosts } from "../hosts/named.ts";
import { reach } from "../hosts/reach.ts";
import { type Candidate, type Completion, completionAt } from "./candidates.ts";

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
    const current = words.at(-1) ?? "";
    const offered = completionAt(words, commands);
    if (offered.offer === "files") return `${filesLine}\n`;
    const found = await wordsOf(offered, current, environment);
    const fitting = found.filter(({ word }) => word.startsWith(current));
    return fitting.map(({ word, about }) => `${word}\t${about}\n`).join("");
  } catch (error) {
    if (error instanceof Failure) return "";
    throw error;
  }
}

async function wordsOf(
  { offer, hosts }: Completion,
  current: string,
  environment: Environment,
): Promise<readonly Candidate[]> {
  if (offer === "hosts") {
    const before = /^@(?:.*,)?/.exec(current)?.[0] ?? "@";
    return hostNames(environment).map((name) => ({ word: before + name, about: "" }));
  }
  if (offer === "services")
    return (await serviceNames(hosts, environment)).map((word) => ({ word, about: "" }));
  return offer === "files" ? [] : offer;
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
