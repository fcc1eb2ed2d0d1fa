/** Parses the refs of a server: `ls-refs` of git's protocol 2 (gitprotocol-v2(5)). Pure. */
import { type Commit, parseCommit } from "../../model/commit.ts";
import type { Tips } from "../types.ts";
import { delimiter, flush, packet, readPackets } from "./pkt-line.ts";

/** A request for these branches; the reply may list further ones with the same prefix. */
export function renderLsRefs(branches: readonly string[]): string {
  const prefixes = branches.map((branch) => packet(`ref-prefix refs/heads/${branch}`));
  return `${packet("command=ls-refs")}${delimiter}${prefixes.join("")}${flush}`;
}

/** The tips of all branches in the reply; null: the reply is incomplete. */
export function readLsRefs(answer: Buffer): Tips | null {
  const packets = readPackets(answer);
  if (packets?.at(-1)?.is !== "flush") return null;
  const tips = new Map<string, Commit>();
  for (const each of packets.slice(0, -1)) {
    const found = each.is === "line" ? refLine.exec(each.text) : null;
    const commit = parseCommit(found?.[1] ?? "");
    if (found === null || commit === null) return null;
    if (found[2] !== undefined) tips.set(found[2], commit);
  }
  return tips;
}

/** Attributes may follow the name. */
const refLine = /^([0-9a-f]+) (?:refs\/heads\/([^ ]+)|\S)/;

/** Whether the server speaks protocol 2, lists refs, and names objects by SHA-1. */
export function offersLsRefs(advertisement: Buffer): boolean {
  const packets = readPackets(advertisement) ?? [];
  const lines = packets.flatMap((each) => (each.is === "line" ? [each.text] : []));
  const lists = lines.some((line) => /^ls-refs(=|$)/.test(line));
  const format = lines.find((line) => line.startsWith("object-format="));
  return lines.includes("version 2") && lists && (format ?? "object-format=sha1") === "object-format=sha1";
}
