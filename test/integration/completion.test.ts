/** The completion scripts in the real shells, and what gitopperctl answers them, for hosts that do not exist. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { renderPackaging } from "../../scripts/render-packaging.ts";

const scratch = mkdtempSync(join(tmpdir(), "gitopper-completion-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const files = renderPackaging();
const script = (name: string) => {
  const path = join(scratch, name);
  writeFileSync(path, files[`completions/${name}`] ?? "");
  return path;
};

const bin = join(scratch, "bin");
mkdirSync(bin);
const standIn = join(import.meta.dirname, "a-completing-client.ts");
writeFileSync(
  join(bin, "gitopperctl"),
  `#!/bin/sh\nexec '${process.execPath}' '${standIn}' '${scratch}/owned' "$@"\n`,
);
chmodSync(join(bin, "gitopperctl"), 0o755);

function run(program: string, args: readonly string[]): string[] {
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: scratch, LANG: "C.UTF-8" };
  const text = execFileSync(program, args, { env, cwd: scratch, encoding: "utf8", timeout: 20_000 });
  return text.split("\n").filter(Boolean).sort();
}

/** What stands in the line after a TAB, as far as the shell has a say: the offers, each as a whole word. */
const shells = {
  bash: (line: string) => {
    const ask = `source "$1"; COMP_LINE=$2; COMP_POINT=\${#2}; _gitopperctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run("bash", ["--norc", "-c", ask, "bash", script("gitopperctl.bash"), line]);
  },
  zsh: (line: string) => {
    const stubs = `compdef() { :; }
      _files() { print -r -- some.file; }
      _describe() { for offer in $offers; do offer=\${offer//\\\\:/%}; print -r -- \${\${offer%%:*}//\\%/:}; done }
      source $1; words=("\${(@s: :)2}"); CURRENT=$#words; _gitopperctl; true`;
    return run("zsh", ["-f", "-c", stubs, "zsh", script("_gitopperctl"), line]);
  },
  fish: (line: string) => {
    const ask = "source $argv[1]; complete -C $argv[2]";
    return run("fish", ["--no-config", "-c", ask, script("gitopperctl.fish"), line]).map(
      (offer) => offer.split("\t")[0] ?? "",
    );
  },
} as const;

describe.each(Object.entries(shells))("%s", (shell, complete) => {
  test.each([
    ["gitopperctl unf", ["unfreeze"]],
    ["gitopperctl list ", ["machines", "service", "services"]],
    ["gitopperctl ls m", ["machines"]],
    ["gitopperctl token n", ["new"]],
    ["gitopperctl pull ", ["caddy"]],
    ["gitopperctl @web1 pull n", ["nginx"]],
    ["gitopperctl --timeout 5s @web1 pull n", ["nginx"]],
    ["gitopperctl state rollback @web1 n", ["nginx"]],
    ["gitopperctl pull nginx --over", ["--override-window"]],
    ["gitopperctl freeze nginx --un", ["--until"]],
    ["gitopperctl list services --override", []],
    ["gitopperctl s r @web1 n", ["nginx"]],
    ["gitopperctl nothing ", []],
    ["gitopperctl --via h", ["http", "https"]],
    ["gitopperctl completion f", ["fish"]],
    ["gitopperctl diff nginx ", []],
  ])("%s", (line, offers) => {
    expect(complete(line)).toEqual(offers);
  });

  test("hosts, also behind a comma", () => {
    expect(complete("gitopperctl status @w")).toEqual(["@web1", "@web2"]);
    expect(complete("gitopperctl status @db,w")).toEqual(["@db,web1", "@db,web2"]);
  });

  test("names of files, where an option takes one", () => {
    expect(complete("gitopperctl --identity ").join(" ")).toMatch(/\bbin\b|\bsome\.file\b/);
  });

  test("a service with an @, of which bash replaces only what is behind", () => {
    const whole = shell === "bash" ? "@tty1" : "getty@tty1";
    expect(complete("gitopperctl @web1 pull getty@t")).toEqual([whole]);
  });

  test("what a name says is not carried out", () => {
    complete("gitopperctl pull @web1 ");
    complete("gitopperctl pull @web1 $");
    expect(run("ls", [scratch])).not.toContain("owned");
  });
});
