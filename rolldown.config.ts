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

/**
 * One CommonJS file per program: it starts in a third of the memory that loose ES modules need. V8 keeps its text for as
 * long as the program runs, so it goes without comments.
 */
export default defineConfig(
  ["gitopper", "gitopperctl", "gitopperhdr"].map((name) => ({
    input: { [name]: `src/${{ gitopper: "daemon", gitopperctl: "ctl", gitopperhdr: "hdr" }[name]}/main.ts` },
    platform: "node" as const,
    plugins: [ascii, withoutPoly1305],
    output: {
      dir: "dist",
      format: "cjs" as const,
      entryFileNames: "[name].cjs",
      codeSplitting: false,
      comments: false,
    },
  })),
);
