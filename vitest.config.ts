import { defineConfig } from "vitest/config";

const exclude = ["node_modules/**", "dist/**", "e2e/**", ".data/**"];

/**
 * Loading the server anew for each file costs more than most files' tests: files share processes and what those have
 * loaded, and nothing else, since each has a database of its own.
 */
const shared = { isolate: false };

export default defineConfig({
  test: {
    maxWorkers: 2,
    // A promise is kept or broken, however busy the machine is.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The report counts what needed its second try.
    retry: process.env.CI ? 1 : 0,
    setupFiles: ["server/testing/keep-logs.ts", "server/testing/fail-on-console-error.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          ...shared,
          include: ["**/*.test.ts"],
          exclude: [...exclude, "**/*.db.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "dom",
          include: ["**/*.test.tsx"],
          exclude,
          environment: "jsdom",
        },
      },
      {
        extends: true,
        test: {
          name: "db",
          ...shared,
          include: ["**/*.db.test.ts"],
          exclude,
          globalSetup: ["server/testing/start-test-cluster.ts"],
        },
      },
    ],
  },
});
