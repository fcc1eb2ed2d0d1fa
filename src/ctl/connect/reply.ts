/** Sends a request and parses the reply: the value, or a Failure with the daemon's message. */
import * as z from "zod/mini";
import { problemReply } from "../../api/shapes.ts";
import { parseJson } from "../../model/text/untrusted.ts";
import { Failure } from "../failure.ts";
import { visible } from "../output/visible.ts";
import type { ApiReply, ApiRequest, Connection } from "./connection.ts";

export interface Read<T> {
  readonly value: T;
  /** The body as received. */
  readonly json: string;
}

/** @throws Failure when the host cannot be reached, refuses, or replies with something else */
export async function askFor<T>(
  host: Connection,
  shape: z.ZodMiniType<T>,
  question: ApiRequest,
): Promise<Read<T>> {
  const answer = await host.send(question);
  return { value: readReply(answer, shape), json: answer.body };
}

/** The same for a GET. */
export function get<T>(host: Connection, shape: z.ZodMiniType<T>, path: string): Promise<Read<T>> {
  return askFor(host, shape, { method: "GET", path });
}

/** A path of the API; each `{}` is replaced by the next word, percent-encoded. */
export function pathOf(pattern: string, ...words: readonly string[]): string {
  let index = 0;
  return pattern.replace(/\{\}/g, () => encodeURIComponent(words[index++] ?? ""));
}

/**
 * Parses the body of a reply with its shape.
 * @throws Failure with the problem's detail when the daemon refused, or when the body has another shape
 */
export function readReply<T>(answer: ApiReply, shape: z.ZodMiniType<T>): T {
  const value = parseJson(answer.body);
  if (answer.status !== 200) throw new Failure(refusal(value));
  const read = z.safeParse(shape, value);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".");
  const what = where ? `gitopper's JSON (see "${where}")` : "gitopper's JSON";
  throw new Failure(`Cannot read the reply: it is not ${what}; check host and port`);
}

function refusal(value: unknown): string {
  const problem = z.safeParse(problemReply, value);
  if (problem.success) return visible(problem.data.detail);
  return "Cannot read the reply: what answers there is not gitopper; check host and port";
}
