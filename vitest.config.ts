import { defineConfig } from "vitest/config";

/** `expect.poll` ends as soon as what it waits for is there; its default of a second is short for a busy machine. */
const expect = { poll: { timeout: 30_000 } };

/** The three rings, one after the other: unit tests beside the code, one real tool each, whole hosts. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/*.test.ts"],
          testTimeout: 60_000,
          // Pure logic keeps nothing between files, so the modules are loaded once for each worker, not for each file.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          sequence: { groupOrder: 1 },
          expect,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "scenarios",
          include: ["test/scenarios/**/*.test.ts"],
          sequence: { groupOrder: 2 },
          expect,
          globalSetup: "test/host/global-setup.ts",
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 3,
        },
      },
    ],
  },
});
