/** What `gitopper init` has to know, and which answers it accepts. Pure. */
import { parseBranch } from "../config/fields/values/names.ts";
import { accept, type Parsed, refuse } from "../config/fields/values/parsed.ts";
import { parseMount } from "../config/fields/values/places.ts";
import { parseUpstream } from "../config/fields/values/upstream.ts";

export interface Answers {
  readonly upstream: string;
  readonly branch: string;
  readonly mount: string;
}

export const defaults: Omit<Answers, "upstream"> = { branch: "main", mount: "/srv/gitopper" };

/** As the config's own limit. */
const textMaxChars = 4096;

/** The answer as the config takes it. Messages never quote an upstream, because it may contain a password. */
export function parseAnswer(key: keyof Answers, text: string): Parsed<string> {
  if (text.length > textMaxChars) return refuse(`is longer than ${textMaxChars} characters; shorten it`);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed())
    return refuse("has a control character or a line break; remove it");
  if (text === "") return refuse("is empty");
  if (key === "branch") return parseBranch(text);
  if (key === "mount") return parseMount(text);
  if (/^https?:\/\/[^/]*@/.test(text))
    return refuse(
      "has a user or a password; leave it out: init asks for it, or takes --token-file and --token-user",
    );
  const parsed = parseUpstream(text);
  return parsed.ok ? accept(parsed.value) : parsed;
}
