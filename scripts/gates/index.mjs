// The quality gates, in the order in which `npm test` runs them.
import { build } from "../build.mjs";
import { bundleGate } from "./bundle.mjs";
import { toolGate } from "./gate.mjs";
import { packageGates } from "./package.mjs";
import { testsGate } from "./tests.mjs";

const types = toolGate("types (tsc)", "typescript/bin/tsc", ["--noEmit", "-p", "tsconfig.check.json"]);
const lint = toolGate("lint (eslint)", "eslint/bin/eslint.js", [".", "--max-warnings=0"]);
const format = toolGate("format (prettier)", "prettier/bin/prettier.cjs", ["--check", "--log-level=warn", "."]);

/** @type {import("./gate.mjs").Gate} */
const buildGate = {
  name: "build",
  judge: async () => {
    const { code, output } = await build();
    return { ok: code === 0, output };
  },
};

/** Lint takes as long as all others that follow the tests, which take turns beside it: so two cores end together. */
const look = [types, format];

/** @type {Record<string, readonly import("./gate.mjs").Step[]>} */
export const suites = {
  // What says most comes first; how the code looks comes last.
  all: [buildGate, testsGate, [[...packageGates, bundleGate, ...look], [lint]]],
  check: [[look, [lint]]],
  package: [buildGate, ...packageGates, bundleGate],
};
