/** Parses the `[[webhooks]]` of the config. */
import { forges, type SecretPlace, unknownWebhook, type Webhook } from "../../model/webhook.ts";
import { type Path, quote } from "../errors/finding.ts";
import { didYouMean } from "../errors/nearest.ts";
import type { ConfigFile, WebhookFile } from "../file.ts";
import type { Table } from "./table.ts";
import { accept, oneOf, type Parsed, refuse } from "./values/parsed.ts";
import { parseUpstream } from "./values/upstream.ts";

const webhooksMax = 100;
const secretsMax = 8;

/** Parses and checks them; complete only when nothing was reported. Their users read the files. */
export function readWebhooks(config: Table<ConfigFile>): readonly Webhook[] {
  const webhooks = config.tables("webhooks");
  if (webhooks.length > webhooksMax) {
    config.report("webhooks", `has ${webhooks.length} webhooks; use at most ${webhooksMax}`);
    return [];
  }
  const names = new Map<string, Path>();
  return webhooks.flatMap((webhook) => {
    const { name } = webhook.file;
    const first = names.get(name ?? "");
    if (name && first !== undefined)
      webhook.report("name", `${quote(name)} is taken; give each webhook a name of its own`, first);
    else if (name) names.set(name, [...webhook.at, "name"]);
    return readWebhook(webhook) ?? [];
  });
}

const advice = {
  name: 'give the end of its URL, such as "github" for /webhook/github',
  kind: `use one of ${forges.join(", ")}`,
  secret: 'add secret_file = "/etc/gitopper/github.secret", or secret_credential = "github"',
};

function readWebhook(webhook: Table<WebhookFile>): Webhook | null {
  const { file } = webhook;
  const name = webhook.required("name", parseName, advice.name);
  const kind = webhook.required("kind", parseKind, advice.kind);
  const files = listOf(file.secret_file);
  const credentials = listOf(file.secret_credential);
  const secrets = [
    ...files.map((path): SecretPlace => ({ file: path })),
    ...readCredentials(credentials, webhook),
  ];
  if (files.length + credentials.length === 0) webhook.report("secret_file", `is missing; ${advice.secret}`);
  if (secrets.length > secretsMax)
    webhook.report("secret_file", `there are ${secrets.length} secrets; use at most ${secretsMax}`);
  const upstreams = readUpstreams(webhook);
  return name === null || kind === null ? null : { name, kind, secrets, upstreams };
}

function parseName(text: string): Parsed<string> {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(text))
    return refuse(`${quote(text)} is not a webhook's name; use letters, digits and . _ -, such as "github"`);
  const taken = `"${unknownWebhook}" is what webhooks are counted as that are not in the config; use another name`;
  return text === unknownWebhook ? refuse(taken) : accept(text);
}

const parseKind = oneOf(
  forges,
  (quoted, text) => `${quoted} is not a kind of forge; ${didYouMean(text, forges, advice.kind)}`,
);

/** Names as in systemd.exec(5): they are file names. */
function readCredentials(names: readonly string[], webhook: Table<WebhookFile>): SecretPlace[] {
  return names.flatMap((name) => {
    if (/^[\w@:-][\w@:.-]{0,254}$/.test(name)) return [{ credential: name }];
    const message = `${quote(name)} is not the name of a credential; use the ID of LoadCredential=, such as "github"`;
    webhook.report("secret_credential", message);
    return [];
  });
}

function readUpstreams(webhook: Table<WebhookFile>): readonly string[] | null {
  const { upstreams = null } = webhook.file;
  if (upstreams?.length === 0)
    webhook.report("upstreams", "is empty; name upstreams, or drop the key for that of the push");
  for (const [index, upstream] of upstreams?.entries() ?? []) {
    const parsed = parseUpstream(upstream);
    if (!parsed.ok) webhook.report(["upstreams", index], parsed.why);
  }
  return upstreams;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return (typeof value === "string" ? [value] : (value ?? [])).filter((text) => text !== "");
}
