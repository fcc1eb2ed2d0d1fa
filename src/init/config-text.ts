/** The config that `gitopper init` writes. Pure. */
import { parse, TomlError } from "smol-toml";
import { tomlString } from "../config/toml-string.ts";
import { type Answers, parseAnswer } from "./answers.ts";

export function renderConfig({ upstream, branch, mount }: Answers): string {
  return `# Gitopper's config, written by "gitopper init". All hosts may have the same one: each host takes the services whose
# machine is its hostname. After a change:
#   gitopper --check --online -c /etc/gitopper/config.toml && systemctl reload gitopper

[global]
upstream = ${tomlString(upstream)}
branch = ${tomlString(branch)}
mount = ${tomlString(mount)}      # checkouts are made below it

# One entry for each service, such as:
#
# [[services]]
# machine = "web1"
# service = "nginx"
# action = "reload"
# check = ["nginx", "-t"]
# dirs = [{ local = "/etc/nginx", link = "nginx/web1" }]
`;
}

/** What a config says about the answers; null: it says nothing of all of them, or is not valid. */
export function answersIn(text: string): Answers | null {
  const { upstream, branch, mount } = globalOf(text);
  const answers = { upstream: String(upstream), branch: String(branch), mount: String(mount) };
  const keys = ["upstream", "branch", "mount"] as const;
  return keys.every((key) => parseAnswer(key, answers[key]).ok) ? answers : null;
}

/** Whether init has written this text, and no admin has changed it since. */
export function isUntouched(text: string): boolean {
  const answers = answersIn(text);
  return answers !== null && renderConfig(answers) === text;
}

/** The `[global]` of any config; empty when the text is not valid. */
export function globalOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const { global } = parse(text);
    return typeof global === "object" && !Array.isArray(global) ? (global as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof TomlError) return {};
    throw error;
  }
}
