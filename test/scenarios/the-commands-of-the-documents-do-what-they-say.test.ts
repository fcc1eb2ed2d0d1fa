import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeOf, commandsOf } from "../builders/document-commands.ts";
import { type DocumentWorld, type Setting, settings } from "../builders/document-settings.ts";
import { bootDocumentedHosts } from "../builders/documented-hosts.ts";
import { configPath } from "../host/gitopper-unit.ts";
import { repositoryRoot } from "../host/host.ts";
import { makeUpstream } from "../host/upstream.ts";

const read = (name: string): string => readFileSync(join(repositoryRoot, name), "utf8");
const [config = ""] = codeOf(read("README.md"), "toml");
const keys = codeOf(read("docs/operate.md"), "toml").find((toml) => toml.startsWith("keys = ")) ?? "";

test("every command of the README and of operate.md works, or says why it is not run", {
  timeout: 600_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const files = { "web/page/index.html": "one\n", "web/nginx.conf": nginxConf };
  const upstream = stack.use(await makeUpstream({ files }));
  const first = await upstream.head();
  const world = { ...(await bootDocumentedHosts(stack, upstream)), upstream, keys };
  for (const host of [world.web1, world.web2]) await host.write(configPath, withoutPatience(config));

  for (const name of ["README.md", "docs/operate.md"]) {
    for (const { text, line, notRun } of commandsOf(read(name))) {
      if (notRun !== null) continue;
      const setting = settings.find(({ of }) => of.test(text));
      for (const command of setting?.whole ? [text] : text.trim().split("\n"))
        await runCommand(fillIn(command, first), `${name}:${line}`, world);
    }
  }
});

/** As it is, but a change counts as good after a second instead of ten: there are many. */
function withoutPatience(toml: string): string {
  return toml.replace("[global]\n", '[global]\nsettle = "1s"\n');
}

const nginxConf = "events {}\nhttp { server { listen 127.0.0.1:80; root /srv/www; } }\n";

/** In the place of the commits and the patch that the documents make up. A patch's name has the commit that it is of. */
function fillIn(command: string, commit: string): string {
  const patch = /\S+-1a2b3c4d\.patch/;
  const id = patch.test(command) ? "$(ls *.patch | sed 's/.*-//; s/\\..*//')" : commit.slice(0, 8);
  return command.replace(patch, "*.patch").replaceAll("1a2b3c4d", () => id);
}

async function runCommand(command: string, where: string, world: DocumentWorld): Promise<void> {
  const setting = settings.find(({ of }) => of.test(command));
  await setting?.before?.(world);
  for (const name of setting?.on ?? (["web1"] as const)) {
    const { status, stdout, stderr } = await world[name].run(
      ["/bin/bash", "-c", scriptOf(command, setting)],
      {
        allowFailure: true,
        timeoutMs: 60_000,
      },
    );
    if (isNameAlone(command, stderr)) continue;
    const seen = `${where}: ${command}\n${stdout}${stderr}`;
    expect(status, seen).toBe(0);
    if (setting?.says !== undefined) expect(stdout, seen).toMatch(setting.says);
  }
  await setting?.after?.(world);
}

/** `gitopperctl pull` within the text only names the command, as it needs a service. */
function isNameAlone(command: string, stderr: string): boolean {
  return /^gitopperctl [a-z]+$/.test(command) && stderr.includes("missing required argument");
}

/** With all that the setting says around the command. */
function scriptOf(command: string, setting: Setting | undefined): string {
  const quoted = `'${command.replaceAll("'", "'\\''")}'`;
  const parts = ["set -eu -o pipefail; cd /root", setting?.with ?? ""];
  if (setting?.shell !== undefined) parts.push(`${setting.shell} -c ${quoted}`);
  else if (setting?.types !== undefined)
    parts.push(
      "set +o pipefail",
      `while sleep 0.2; do echo ${setting.types}; done | script --quiet --return --command ${quoted} /dev/null`,
    );
  else if (setting?.until !== undefined)
    parts.push(
      "out=$(mktemp); trap 'cat $out' EXIT",
      `${command.replace(/#.*/, "")} >$out 2>&1 & pid=$!`,
      `until ${setting.until}; do sleep 0.1; kill -0 $pid; done`,
      "kill $pid; wait $pid || test $? -ge 128",
    );
  else parts.push(command);
  return parts.join("\n");
}
