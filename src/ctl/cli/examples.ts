/** An example for the help of each command. */

const examples: Readonly<Record<string, string>> = {
  status: "status @web1,web2",
  describe: "describe nginx @web1",
  log: "log nginx --output",
  events: "events nginx --limit 20",
  diff: "diff nginx",
  plan: "plan nginx",
  drift: "drift nginx",
  doctor: "doctor @web1",
  watch: "watch nginx",
  version: "version @web1",
  pull: "pull nginx @web1 --wait",
  freeze: 'freeze nginx --for 2h --reason "disk is being replaced"',
  unfreeze: "unfreeze nginx --wait",
  rollback: "rollback nginx 1a2b3c4d --reason slow",
  aside: "aside nginx --for 1h --reason dpkg",
  resume: "resume nginx",
  "list machines": "list machines",
  "list services": "list services @web1",
  "list service": "list service @web1 nginx --machine-readable",
  "state freeze": "state freeze @web1 nginx",
  "state unfreeze": "state unfreeze @web1 nginx",
  "state rollback": "state rollback @web1 nginx 1a2b3c4d",
  "state pull": "state pull @web1 nginx",
  "do freeze": "do freeze @web1 nginx",
  "do unfreeze": "do unfreeze @web1 nginx",
  "do rollback": "do rollback @web1 nginx 1a2b3c4d",
  "do pull": "do pull @web1 nginx",
  "token new": "token new --name ci --role operate --expires 90d",
  "token list": "token list",
  "token revoke": "token revoke ci",
  audit: "audit --limit 20",
  fingerprint: "fingerprint @web1",
  completion: "completion bash",
};

/** Null: the command has none. */
export function exampleOf(name: string): string | null {
  return Object.hasOwn(examples, name) ? (examples[name] ?? null) : null;
}
