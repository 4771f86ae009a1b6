import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { workerPlugin } from "./scripts/worker-source.mjs";

export default defineConfig({
  plugins: [workerPlugin],
  // Examples, templates and the command import "ufom" as users do; in tests that is the source, not the last build.
  resolve: {
    alias: [
      { find: /^ufom$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
      { find: /^ufom\/internal\/(.*)$/, replacement: fileURLToPath(new URL("src/$1.ts", import.meta.url)) },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Against what never ends; a machine that is ten times slower must not meet them.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: "forks",
    maxWorkers: 2,
    allowOnly: false,
    // A test that asserts nothing has shown nothing.
    expect: { requireAssertions: true },
  },
});
