/** Parses the `[[webhooks]]` of the config. */
import { type Forge, forges, type SecretPlace, unknownWebhook, type Webhook } from "../../model/webhook.ts";
import { type Findings, type Path, quote } from "../errors/finding.ts";
import { nearest } from "../errors/nearest.ts";
import type { ConfigFile, WebhookFile } from "../file.ts";
import { createFields } from "./fields.ts";
import { accept, type Parsed, refuse } from "./values/parsed.ts";
import { parseUpstream } from "./values/upstream.ts";

const webhooksMax = 100;
const secretsMax = 8;

/** Parses and checks them; complete only when nothing was reported. Their users read the files. */
export function readWebhooks(file: ConfigFile, findings: Findings): readonly Webhook[] {
  const written = file.webhooks ?? [];
  if (written.length > webhooksMax) {
    findings.add(["webhooks"], `has ${written.length} webhooks; use at most ${webhooksMax}`);
    return [];
  }
  const names = new Map<string, number>();
  return written.flatMap((webhook, index) => {
    const at = ["webhooks", index];
    const first = names.get(webhook.name ?? "");
    if (webhook.name && first !== undefined)
      findings.add([...at, "name"], `${quote(webhook.name)} is taken; give each webhook a name of its own`, [
        ...["webhooks", first, "name"],
      ]);
    else if (webhook.name) names.set(webhook.name, index);
    return readWebhook(webhook, at, findings) ?? [];
  });
}

const advice = {
  name: 'give the end of its URL, such as "github" for /webhook/github',
  kind: `use one of ${forges.join(", ")}`,
  secret: 'add secret_file = "/etc/gitopper/github.secret", or secret_credential = "github"',
};

function readWebhook(file: WebhookFile, at: Path, findings: Findings): Webhook | null {
  const fields = createFields(file, at, findings);
  const name = fields.required("name", parseName, advice.name);
  const kind = fields.required("kind", parseKind, advice.kind);
  const files = listOf(file.secret_file);
  const credentials = listOf(file.secret_credential);
  const secrets = [
    ...files.map((path): SecretPlace => ({ file: path })),
    ...readCredentials(credentials, at, findings),
  ];
  if (files.length + credentials.length === 0)
    findings.add([...at, "secret_file"], `is missing; ${advice.secret}`);
  if (secrets.length > secretsMax)
    findings.add([...at, "secret_file"], `there are ${secrets.length} secrets; use at most ${secretsMax}`);
  const upstreams = readUpstreams(file, at, findings);
  return name === null || kind === null ? null : { name, kind, secrets, upstreams };
}

function parseName(text: string): Parsed<string> {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(text))
    return refuse(`${quote(text)} is not a webhook's name; use letters, digits and . _ -, such as "github"`);
  const taken = `"${unknownWebhook}" is what webhooks are counted as that are not in the config; use another name`;
  return text === unknownWebhook ? refuse(taken) : accept(text);
}

function parseKind(text: string): Parsed<Forge> {
  const kind = forges.find((forge) => forge === text);
  if (kind !== undefined) return accept(kind);
  const meant = nearest(text, forges);
  return refuse(
    `${quote(text)} is not a kind of forge; ${meant ? `did you mean ${quote(meant)}?` : advice.kind}`,
  );
}

/** Names as in systemd.exec(5): they are file names. */
function readCredentials(names: readonly string[], at: Path, findings: Findings): SecretPlace[] {
  return names.flatMap((name) => {
    if (/^[\w@:-][\w@:.-]{0,254}$/.test(name)) return [{ credential: name }];
    const message = `${quote(name)} is not the name of a credential; use the ID of LoadCredential=, such as "github"`;
    findings.add([...at, "secret_credential"], message);
    return [];
  });
}

function readUpstreams(file: WebhookFile, at: Path, findings: Findings): readonly string[] | null {
  if (file.upstreams === undefined) return null;
  if (file.upstreams.length === 0)
    findings.add([...at, "upstreams"], "is empty; name upstreams, or drop the key for that of the push");
  for (const [index, upstream] of file.upstreams.entries()) {
    const parsed = parseUpstream(upstream);
    if (!parsed.ok) findings.add([...at, "upstreams", index], parsed.why);
  }
  return file.upstreams;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return (typeof value === "string" ? [value] : (value ?? [])).filter((text) => text !== "");
}
