/** What the commands of the documents need that a document leaves to its reader, and what has to come of them. */
import { configPath } from "../host/gitopper-unit.ts";
import type { TestHost } from "../host/host.ts";
import { poll } from "../host/poll.ts";
import type { Upstream } from "../host/upstream.ts";
import { installedAt } from "./documented-hosts.ts";

export interface DocumentWorld {
  readonly web1: TestHost;
  readonly web2: TestHost;
  readonly upstream: Upstream;
  /** A line for `[global]`. */
  readonly keys: string;
}

export interface Setting {
  /** Found in the command. */
  readonly of: RegExp;
  /** All lines of the block go to one shell. */
  readonly whole?: true;
  readonly before?: (world: DocumentWorld) => Promise<unknown>;
  /** What a reader does, or waits for, before the next command. */
  readonly after?: (world: DocumentWorld) => Promise<unknown>;
  /** Default: web1. */
  readonly on?: readonly ("web1" | "web2")[];
  /** Types this at every prompt of a terminal. */
  readonly types?: string;
  /** Shell code that comes before it. */
  readonly with?: string;
  /** The command runs until it is ended, when this shell code ends with 0. `$out` is its output. */
  readonly until?: string;
  /** Default: bash. */
  readonly shell?: "fish";
  /** What it prints on one of the hosts. */
  readonly says?: RegExp;
}

/** The clone of the upstream that an administrator has. */
const clone = "/root/config";
/** Something that causes an event. */
const anEvent = `echo "{\\"reason\\":\\"$RANDOM\\"}" | ssh -p 2222 web1 POST /api/v1/services/nginx/freeze`;
const overHttps = "-a 0.0.0.0:8000";
const secretFile = "/etc/gitopper/github.secret";
/** In the place of the certificate that the forge trusts, and of the secret that it was given. */
const asForge = `cd ${clone}; export CURL_CA_BUNDLE=/var/lib/gitopper/tls/cert.pem SECRET=$(cat ${secretFile})`;

/** The first one that fits counts. */
export const settings: readonly Setting[] = [
  { of: /^ln -s|^install .*gitopper\.service/, on: ["web1", "web2"], with: `cd ${installedAt}` },
  { of: /^gitopper init$/, says: /reached https:/ },
  { of: /^gitopper --check/, says: /nginx/ },
  {
    of: /^gitopper --release/,
    before: ({ web1 }) => web1.run(["systemctl", "disable", "--now", "--quiet", "gitopper"]),
    says: /plain files now|nothing was mounted|no service to release/,
    after: ({ web1 }) =>
      web1.sh("systemctl enable --now --quiet gitopper; gitopperctl pull --all --again --wait"),
  },
  { of: /^systemctl enable/, on: ["web1", "web2"] },
  { of: /^gitopperctl list services$/, says: /nginx/ },
  { of: /^gitopperctl pull --all/, says: /nginx/ },
  { of: /^gitopperctl pull/, before: pushAnother, says: /nginx is OK at/ },
  {
    of: /^gitopperctl rollback nginx --previous/,
    says: /nginx goes to/,
    after: ({ web1 }) => web1.sh("gitopperctl unfreeze nginx --yes --wait"),
  },
  { of: /^gitopperctl rollback/, types: "1", says: /Which one/ },
  { of: /^gitopperctl release/, says: /nginx is released/ },
  { of: /^gitopperctl unfreeze/, before: until("FREEZE"), types: "y", says: /Go on/ },
  { of: /^gitopperctl status$/, says: /nginx +OK/ },
  { of: /^gitopperctl describe/, says: /State +OK/ },
  { of: /^install .*ops\.pub/, on: ["web1", "web2"], before: nameKeys },
  { of: /^systemctl restart/, on: ["web1", "web2"] },
  { of: /^ssh -p 2222 web2/, types: "yes", says: /web2/ },
  { of: /^gitopperctl status @web1,web2/, says: /web1 +nginx/ },

  { of: /list machines @web1/, says: /web1 +web1/ },
  { of: /list\/service nginx/, on: ["web2"], types: "yes", says: /nginx/ },
  {
    of: /api\/v1\/events/,
    on: ["web2"],
    until: `${anEvent}; grep -q nginx $out`,
  },
  { of: /ssh -p 2222 web1/, on: ["web2"] },
  { of: /^gitopperctl fingerprint/, before: startWith(overHttps), says: /SHA256:/ },
  { of: /^gitopperctl list services @web1/, before: startWith(""), says: /nginx/ },
  { of: /state rollback/, before: until("FREEZE"), says: /nginx/ },
  { of: /^curl .*freeze/, says: /frozen/ },
  { of: /^curl .*pull/, before: letGo, says: /"message"/ },
  {
    of: /^git switch/,
    whole: true,
    before: editByHand,
    with: `cd ${clone}; export GIT_EDITOR='sed -i 1iedit'`,
  },
  {
    of: /^git bundle create/,
    whole: true,
    with: `cd ${clone}; git switch --quiet main; git commit --quiet --allow-empty --message next`,
  },
  { of: /^body=/, whole: true, before: openToForges, with: asForge, says: /nginx/ },
  {
    of: /^gitopper -c config\.toml/,
    before: commitTheConfig,
    until: "gitopperctl list services | grep -w gitopper",
    after: ({ web1 }) => web1.run(["systemctl", "start", "gitopper"]),
  },
  { of: /packaging\//, with: `cd ${installedAt}` },
  { of: /completion fish/, shell: "fish" },
];

/** Waits until web1's nginx is in a state, with nothing under way. */
function until(state: string): (world: DocumentWorld) => Promise<unknown> {
  return ({ web1 }) =>
    poll(
      () => web1.run(["gitopperctl", "status", "nginx", "--json"], { allowFailure: true }),
      ({ stdout }) => stdout.includes(`"state":"${state}"`) && stdout.includes('"busy":false'),
      { everyMs: 100, timeoutMs: 60_000, failure: ({ stdout, stderr }) => `No ${state}: ${stdout}${stderr}` },
    );
}

async function pushAnother(world: DocumentWorld): Promise<void> {
  await until("OK")(world);
  await world.upstream.commit({ "web/page/index.html": "two\n" });
}

async function nameKeys({ web1, web2, keys }: DocumentWorld): Promise<void> {
  for (const host of [web1, web2])
    await host.write(configPath, (await host.read(configPath)).replace("[global]\n", `[global]\n${keys}`));
}

async function letGo({ web1 }: DocumentWorld): Promise<void> {
  await web1.run(["gitopperctl", "unfreeze", "nginx", "--yes", "--wait"], { timeoutMs: 60_000 });
}

/** An edit of the host's, which the next commit overwrites. */
async function editByHand(world: DocumentWorld): Promise<void> {
  const { web1, upstream } = world;
  await web1.sh("echo edited >/srv/www/index.html");
  await upstream.commit({ "web/page/new.html": "new\n" });
  await web1.run(["gitopperctl", "pull", "nginx", "--wait"], { timeoutMs: 60_000 });
  await web1.sh(`git clone --quiet https://git.example.org/config.git ${clone}
    git config --global user.name Admin
    git config --global user.email admin@example.org
    cp /var/lib/gitopper/patches/nginx/*.patch ${clone}/`);
}

/** HTTPS, and the webhook `ci`. */
async function openToForges(world: DocumentWorld): Promise<void> {
  const { web1 } = world;
  const webhook = `[[webhooks]]\nname = "ci"\nkind = "generic"\nsecret_file = "${secretFile}"\n`;
  await web1.write(configPath, `${await web1.read(configPath)}\n${webhook}`);
  await startWith(overHttps)(world);
}

function startWith(options: string): (world: DocumentWorld) => Promise<unknown> {
  return async ({ web1 }) => {
    await web1.write("/etc/default/gitopper", `GITOPPER_OPTIONS=${options}\n`);
    await web1.run(["systemctl", "restart", "gitopper"]);
  };
}

async function commitTheConfig({ web1, upstream }: DocumentWorld): Promise<void> {
  const [config, keys] = await Promise.all([web1.read(configPath), web1.read("/etc/gitopper/ops.pub")]);
  await upstream.commit({ "gitopper/config.toml": config, "gitopper/ops.pub": keys });
  await web1.run(["systemctl", "stop", "gitopper"]);
}
