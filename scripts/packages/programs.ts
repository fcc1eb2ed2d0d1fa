/** The three programs as `npm run build` makes them, in a directory of their own, with the version of the packages. */
import { join } from "node:path";
import { build, type Plugin } from "rolldown";
import configs from "../../rolldown.config.ts";
import type { Build } from "./build.ts";

export async function bundlePrograms({ version, work }: Build): Promise<string> {
  const dir = join(work, "dist");
  const versioned: Plugin = {
    name: "version",
    load: (id) => (id.endsWith("/package.json") ? JSON.stringify({ version }) : null),
  };
  for (const { output, plugins, ...config } of configs)
    await build({ ...config, plugins: [versioned, plugins], output: { ...output, dir }, logLevel: "warn" });
  return dir;
}
