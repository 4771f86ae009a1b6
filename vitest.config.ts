import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import LongestFirst from "./scripts/longest-first.mjs";
import { workerPlugin } from "./scripts/worker-source.mjs";

const testsOf = (room: string) => `test/${room}/**/*.test.ts`;
/**
 * Rooms of tests that start no process and change nothing for others, so that many of them share one process, which loads the library once (two thirds
 * of a second a file).
 */
const shared = [
  "cleaning",
  "compiler",
  "conformance",
  "core",
  "datasets",
  "executors",
  "files",
  "problems",
  "program",
  "report",
  "tensor",
  "tuning",
];
/**
 * Files of these rooms that have a process of their own: they look at its memory, wait for its collector, watch what it compiles, set its clock, or
 * start others.
 */
const exceptions = [
  "test/cleaning/review.test.ts",
  "test/core/buffers-are-freed.test.ts",
  "test/core/collected-problems.test.ts",
  "test/core/constant-memory.test.ts",
  "test/core/evaluate.test.ts",
  "test/core/given-back.test.ts",
  "test/core/solve-outcomes.test.ts",
  "test/core/where.test.ts",
  "test/executors/long-programs.test.ts",
  "test/problems/command.test.ts",
  "test/problems/few-shot-command.test.ts",
];
/** Rooms of tests of what is built: `npm run test:unit` leaves them out. */
const built = ["docs", "package"];

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
    // Against what never ends; a machine that is ten times slower must not meet them.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: "forks",
    globalSetup: "test/support/one-folder.ts",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    allowOnly: false,
    // A test that asserts nothing has shown nothing.
    expect: { requireAssertions: true },
    projects: [
      { extends: true, test: { name: "built", include: built.map(testsOf) } },
      { extends: true, test: { name: "alone", include: [testsOf(`!(${[...shared, ...built].join("|")})`), ...exceptions] } },
      {
        extends: true,
        test: { name: "shared", include: shared.map(testsOf), exclude: [...configDefaults.exclude, ...exceptions], isolate: false },
      },
    ],
  },
});
