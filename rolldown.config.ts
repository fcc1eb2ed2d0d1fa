import { defineConfig, type Plugin } from "rolldown";

/** A single arrow in a string would make V8 keep all of a program's text at two bytes a character. */
const ascii: Plugin = {
  name: "ascii",
  // The last of the hooks: what comes after the others writes characters again.
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk")
        chunk.code = chunk.code.replaceAll(
          /[\u0080-\uffff]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        );
    }
  },
};

/**
 * ssh2 wants WebAssembly for a cipher that our door does not offer (`server/ssh/ssh.ts`), and waits for it; the daemon runs
 * without WebAssembly (bin/gitopper).
 */
const withoutPoly1305: Plugin = {
  name: "without-poly1305",
  resolveId: (source) => (source === "./crypto/poly1305.js" ? "\0poly1305" : null),
  load: (id) =>
    id === "\0poly1305" ? "module.exports = async () => ({ _malloc: () => 0, cwrap: () => null });" : null,
};

/** The daemon loads what is needed once only when it is asked for: from a file of its own, beside it. */
const initBeside: Plugin = {
  name: "init-beside",
  resolveId: (source) =>
    source === "../init/main.ts" ? { id: "./gitopper-init.cjs", external: true } : null,
};

/** The folder of each program in src/. */
const programs = { gitopper: "daemon", "gitopper-init": "init", gitopperctl: "ctl", gitopperhdr: "hdr" };

/**
 * One CommonJS file per program: it starts in a third of the memory that loose ES modules need. V8 keeps its text for as
 * long as the program runs, so it goes without comments. What only `gitopperctl adopt` needs is as large as the rest of
 * gitopperctl, and is in a file of its own, which other commands do not read.
 */
export default defineConfig(
  Object.entries(programs).map(([name, folder]) => ({
    input: { [name]: `src/${folder}/main.ts` },
    platform: "node" as const,
    plugins: [ascii, withoutPoly1305, initBeside],
    output: {
      dir: "dist",
      format: "cjs" as const,
      entryFileNames: "[name].cjs",
      chunkFileNames: `${name}-[name].cjs`,
      codeSplitting: name === "gitopperctl",
      comments: false,
    },
  })),
);
