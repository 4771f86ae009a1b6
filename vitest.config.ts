import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Examples and templates import "ufom" as users do; in tests that is the source, not the last build.
  resolve: { alias: [{ find: /^ufom$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) }] },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    allowOnly: false,
    // A test that asserts nothing has shown nothing.
    expect: { requireAssertions: true },
  },
});
