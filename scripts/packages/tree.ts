/** What is installed, and where: the same for the Debian package and for the tarball. */
import { chmodSync, copyFileSync, globSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "./build.ts";

const programs = ["gitopper", "gitopperctl", "gitopperhdr"];
const zsh = "usr/share/zsh/vendor-completions/_gitopperctl";

/** Where a file of the checkout is installed. */
const files: Readonly<Record<string, string>> = {
  "packaging/gitopper.service": "lib/systemd/system/gitopper.service",
  "packaging/gitopper.default": "etc/default/gitopper",
  "packaging/apt/90gitopper": "etc/apt/apt.conf.d/90gitopper",
  "packaging/man/gitopper.8": "usr/share/man/man8/gitopper.8",
  "packaging/man/gitopperctl.1": "usr/share/man/man1/gitopperctl.1",
  "packaging/man/gitopperhdr.1": "usr/share/man/man1/gitopperhdr.1",
  "packaging/completions/gitopperctl.bash": "usr/share/bash-completion/completions/gitopperctl",
  "packaging/completions/_gitopperctl": zsh,
  "packaging/completions/gitopperctl.fish": "usr/share/fish/vendor_completions.d/gitopperctl.fish",
  "packaging/prometheus/gitopper.rules.yml": "usr/share/gitopper/prometheus.rules.yml",
  "docs/config.example.toml": "usr/share/doc/gitopper/examples/config.toml",
  "docs/operate.md": "usr/share/doc/gitopper/operate.md",
  "docs/api.md": "usr/share/doc/gitopper/api.md",
  "docs/metrics.md": "usr/share/doc/gitopper/metrics.md",
};

/** Lays out the files in `tree`: those of the checkout, the bundled programs of `dist`, and node. */
export function layOut(tree: string, parts: { readonly dist: string; readonly node: string }): void {
  for (const [from, to] of Object.entries(files)) put(join(repository, from), join(tree, to));
  const home = join(tree, "usr/lib/gitopper");
  put(parts.node, join(home, "node"), 0o755);
  for (const file of globSync("*.cjs", { cwd: parts.dist }))
    put(join(parts.dist, file), join(home, "dist", file));
  for (const name of programs) {
    put(join(repository, "bin", name), join(home, "bin", name), 0o755);
    mkdirSync(join(tree, "usr/bin"), { recursive: true });
    symlinkSync(`../lib/gitopper/bin/${name}`, join(tree, "usr/bin", name));
  }
}

function put(from: string, to: string, mode = 0o644): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}
