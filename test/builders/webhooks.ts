/** Webhooks as each forge sends them for a push: with its headers, its content, and its proof. */
import { createHmac, randomUUID } from "node:crypto";
import type { Forge } from "../../src/model/webhook.ts";

/** A push to a branch of `https://<host>/<path>.git`. */
export interface PushMade {
  readonly host?: string;
  readonly path?: string;
  readonly ref?: string;
  readonly before?: string;
  readonly after?: string;
  /** Another event than a push. */
  readonly event?: string;
  readonly secret?: string;
  readonly id?: string;
}

export interface WebhookSent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const secret = "a secret of forty-odd characters for tests";
export const signingToken = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
export const before = "0123456789abcdef0123456789abcdef01234567";
export const after = "89abcdef0123456789abcdef0123456789abcdef";

type Whole = Required<Omit<PushMade, "event">> & Pick<PushMade, "event">;
type Build = (made: Whole) => WebhookSent;

/** The webhook that a forge sends. */
export function webhookOf(
  kind: Forge | "bitbucket-data-center" | "gitlab-signed",
  made: PushMade = {},
): WebhookSent {
  const plain = { host: "git.example.org", path: "team/app", ref: "refs/heads/main", before, after };
  return builds[kind]({
    ...plain,
    secret: kind === "gitlab-signed" ? signingToken : secret,
    id: randomUUID(),
    ...made,
  });
}

const json = { "content-type": "application/json" };

/** The hex HMAC-SHA256 of a body. */
export function hexOf(body: string, key: string): string {
  return createHmac("sha256", key).update(body).digest("hex");
}

/** The payload of GitHub and of compatible forges. */
function likeGithub({ host, path, ref, before, after }: Whole): string {
  const [owner = "", name = ""] = path.split("/");
  return JSON.stringify({
    ref,
    before,
    after,
    deleted: /^0+$/.test(after),
    commits: [{ id: after, message: "Serve the new pages", modified: ["app/etc/conf"] }],
    repository: {
      name,
      full_name: path,
      owner: { login: owner },
      html_url: `https://${host}/${path}`,
      clone_url: `https://${host}/${path}.git`,
      ssh_url: `git@${host}:${path}.git`,
    },
    pusher: { name: "alice" },
  });
}

const named =
  (name: string): Build =>
  (made) => {
    const body = likeGithub(made);
    return {
      body,
      headers: {
        ...json,
        [`x-${name}-event`]: made.event ?? "push",
        [`x-${name}-delivery`]: made.id,
        [`x-${name}-signature`]: hexOf(body, made.secret),
      },
    };
  };

function gitlabBody({ host, path, ref, before, after, event = "push" }: Whole): string {
  return JSON.stringify({
    object_kind: event,
    event_name: event,
    ref,
    before,
    after,
    checkout_sha: after,
    project: {
      path_with_namespace: path,
      web_url: `https://${host}/${path}`,
      git_http_url: `https://${host}/${path}.git`,
      git_ssh_url: `git@${host}:${path}.git`,
    },
    repository: { homepage: `https://${host}/${path}`, git_http_url: `https://${host}/${path}.git` },
    total_commits_count: 1,
  });
}

const builds: Readonly<Record<Parameters<typeof webhookOf>[0], Build>> = {
  github: (made) => {
    const body = likeGithub(made);
    return {
      body,
      headers: {
        ...json,
        "x-github-event": made.event ?? "push",
        "x-github-delivery": made.id,
        "x-hub-signature-256": `sha256=${hexOf(body, made.secret)}`,
      },
    };
  },
  gitea: named("gitea"),
  forgejo: named("forgejo"),
  gogs: named("gogs"),
  gitlab: (made) => ({
    body: gitlabBody(made),
    headers: {
      ...json,
      "x-gitlab-event": "Push Hook",
      "x-gitlab-event-uuid": made.id,
      "x-gitlab-token": made.secret,
    },
  }),
  "gitlab-signed": (made) => {
    const body = gitlabBody(made);
    const at = Math.floor(Date.now() / 1_000);
    const key = Buffer.from(made.secret.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${made.id}.${at}.${body}`).digest("base64");
    const headers = {
      "webhook-id": made.id,
      "webhook-timestamp": `${at}`,
      "webhook-signature": `v1,${signature}`,
    };
    return { body, headers: { ...json, ...headers } };
  },
  bitbucket: (made) => {
    const { host, path, ref, before, after } = made;
    const side = (hash: string) =>
      /^0+$/.test(hash)
        ? null
        : ref.startsWith("refs/heads/")
          ? { type: "branch", name: ref.slice("refs/heads/".length), target: { type: "commit", hash } }
          : { type: "tag", name: ref.slice("refs/tags/".length), target: { type: "commit", hash } };
    const body = JSON.stringify({
      push: { changes: [{ old: side(before), new: side(after), created: false, closed: false }] },
      repository: { full_name: path, links: { html: { href: `https://${host}/${path}` } } },
    });
    return { body, headers: bitbucketHeaders(made, body, made.event ?? "repo:push", "x-request-uuid") };
  },
  "bitbucket-data-center": (made) => {
    const { host, path, ref, before, after } = made;
    const [project = "", slug = ""] = path.split("/");
    const body = JSON.stringify({
      eventKey: "repo:refs_changed",
      repository: {
        slug,
        project: { key: project.toUpperCase() },
        links: {
          clone: [
            { href: `ssh://git@${host}:7999/${path}.git`, name: "ssh" },
            { href: `https://${host}/scm/${path}.git`, name: "http" },
          ],
        },
      },
      changes: [
        { ref: { id: ref, type: "BRANCH" }, refId: ref, fromHash: before, toHash: after, type: "UPDATE" },
      ],
    });
    return { body, headers: bitbucketHeaders(made, body, made.event ?? "repo:refs_changed", "x-request-id") };
  },
  azure: ({ host, path, ref, before, after, event = "git.push", secret, id }) => ({
    body: JSON.stringify({
      id,
      eventType: event,
      publisherId: "tfs",
      resource: {
        refUpdates: [{ name: ref, oldObjectId: before, newObjectId: after }],
        repository: { name: "app", remoteUrl: `https://${host}/${path}` },
      },
    }),
    headers: { ...json, authorization: `Basic ${Buffer.from(`gitopper:${secret}`).toString("base64")}` },
  }),
  generic: ({ host, path, ref, before, after, secret, id }) => {
    const body = JSON.stringify({ id, repository: `https://${host}/${path}.git`, ref, before, after });
    return { body, headers: { ...json, "x-hub-signature-256": `sha256=${hexOf(body, secret)}` } };
  },
};

function bitbucketHeaders(
  made: Whole,
  body: string,
  event: string,
  idHeader: string,
): Record<string, string> {
  const signature = `sha256=${hexOf(body, made.secret)}`;
  return { ...json, "x-event-key": event, [idHeader]: made.id, "x-hub-signature": signature };
}
