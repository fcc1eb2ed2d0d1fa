import { defineConfig } from "rolldown";

/** One CommonJS file per program: it starts in a third of the memory that loose ES modules need. */
export default defineConfig(
  ["gitopper", "gitopperctl", "gitopperhdr"].map((name) => ({
    input: { [name]: `src/${{ gitopper: "daemon", gitopperctl: "ctl", gitopperhdr: "hdr" }[name]}/main.ts` },
    platform: "node" as const,
    output: { dir: "dist", format: "cjs" as const, entryFileNames: "[name].cjs", codeSplitting: false },
  })),
);
