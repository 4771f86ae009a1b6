import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, runTool } from "../shell.mjs";

/** @typedef {{ status: string, assertionResults: { status: string }[] }} File one test file in vitest's JSON report */

/**
 * Counts a JSON report: a file that failed without a failed test (it did not load) is one failure.
 * @param {readonly File[]} files
 */
export function countTests(files) {
  let passed = 0;
  let failed = 0;
  for (const { status, assertionResults } of files) {
    const here = assertionResults.filter(test => test.status === "failed").length;
    passed += assertionResults.filter(test => test.status === "passed").length;
    failed += here > 0 ? here : status === "failed" ? 1 : 0;
  }
  return { passed, failed };
}

/** @type {import("./gate.mjs").Gate} */
export const testsGate = {
  name: "tests (vitest)",
  judge: async () => {
    const report = join(root, ".cache/vitest.json");
    rmSync(report, { force: true });
    const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
    const { code, output } = await runTool("vitest/vitest.mjs", ["run", ...reporters], { minutes: 9 });
    /** @type {File[]} */
    let files = [];
    try {
      files = JSON.parse(readFileSync(report, "utf8")).testResults;
    } catch (error) {
      return { ok: false, output: `${output}\nvitest left no report: ${error}\n`, tests: { passed: 0, failed: 1 } };
    }
    const { passed, failed } = countTests(files);
    // An error outside of every test fails the run without failing a test.
    const tests = { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
    return { ok: code === 0, output, note: `${passed} tests in ${files.length} files`, tests };
  },
};
