import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { root, runTool } from "../shell.mjs";
import { variable } from "./progress.mjs";

/** @typedef {{ name: string, status: string, assertionResults: { status: string, fullName: string }[] }} File one test file in vitest's JSON report */

/**
 * Counts a JSON report: a file that failed without a failed test (it did not load) is one failure.
 * @param {readonly { status: string, assertionResults: readonly { status: string }[] }[]} files
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

/**
 * The names of what failed in a JSON report.
 * @param {readonly File[]} files
 * @param {string} folder that names are relative to
 */
function failures(files, folder) {
  return files.flatMap(({ name, status, assertionResults }) => {
    const file = relative(folder, name),
      tests = assertionResults.filter(test => test.status === "failed");
    if (tests.length > 0) return tests.map(({ fullName }) => `${file}: ${fullName}`);
    return status === "failed" ? [`${file}: did not load`] : [];
  });
}

/**
 * What is known of a run that left no report.
 * @param {readonly import("./progress.mjs").Line[]} lines
 * @param {string} folder that names are relative to
 */
export function unfinished(lines, folder) {
  const files = (/** @type {string} */ kind) => new Set(lines.filter(line => line.kind === kind).map(({ file }) => relative(folder, file)));
  const [planned, started, ended] = [files("planned"), files("started"), files("ended")];
  const tests = (/** @type {string} */ kind) =>
    lines.flatMap(line => (line.kind === kind && "test" in line ? [`${relative(folder, line.file)}: ${line.test}`] : []));
  const failed = tests("failed"),
    over = new Set([...failed, ...tests("passed")]);
  const running = [...started].filter(file => !ended.has(file)),
    waiting = [...planned].filter(file => !started.has(file) && !ended.has(file));
  return [
    ...failed.map(name => `failed: ${name}`),
    ...tests("running")
      .filter(name => !over.has(name))
      .map(name => `was running: ${name}`),
    ...running.map(file => `had started and not ended: ${file}`),
    ...waiting.map(file => `had not started: ${file}`),
    ...(planned.size === 0 ? ["no test file had been found yet"] : []),
  ];
}

/**
 * Stops what no longer gets on: the file of its progress has not grown for a while. A slow machine gets on slowly, and is left alone.
 * @param {string} file
 * @param {number} minutes of standstill
 */
export const standstill = (file, minutes) => (/** @type {(why: string) => void} */ stop) => {
  const size = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let [seen, since] = [size(), performance.now()];
  const timer = setInterval(() => {
    if (size() !== seen) [seen, since] = [size(), performance.now()];
    else if (performance.now() - since > minutes * 60_000) stop(`ended no test for ${minutes} minutes`);
  }, 1000);
  return () => clearInterval(timer);
};

/**
 * Runs the tests of a folder.
 * @param {{ folder?: string, minutes?: number, args?: readonly string[] }} [options] minutes of standstill after which they are stopped
 * @returns {Promise<import("./gate.mjs").Verdict>}
 */
export async function runTests({ folder = root, minutes = 20, args = [] } = {}) {
  const [report, progress] = ["vitest.json", "vitest-progress.jsonl"].map(name => join(folder, ".cache", name));
  for (const file of [report, progress]) rmSync(file, { force: true });
  mkdirSync(dirname(progress), { recursive: true });
  const reporter = fileURLToPath(new URL("progress.mjs", import.meta.url)),
    reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`, `--reporter=${reporter}`];
  const { code, output } = await runTool("vitest/vitest.mjs", ["run", "--root", folder, ...reporters, ...args], {
    watch: standstill(progress, minutes),
    environment: { [variable]: progress },
  });
  const lines = existsSync(progress) ? readFileSync(progress, "utf8").trim().split("\n").filter(Boolean) : [],
    known = unfinished(
      lines.map(line => JSON.parse(line)),
      folder,
    );
  /** @type {File[]} */
  let files;
  try {
    files = JSON.parse(readFileSync(report, "utf8")).testResults;
  } catch (error) {
    return { ok: false, output: [output, `vitest left no report: ${error}`, ...known, ""].join("\n"), tests: { passed: 0, failed: 1 } };
  }
  const { passed, failed } = countTests(files),
    // A process that died leaves tests that neither passed nor failed, and vitest does not say whose they were.
    died = known.filter(line => !line.startsWith("failed: ")),
    names = [...failures(files, folder).map(name => `failed: ${name}`), ...(code === 0 ? [] : died)];
  // An error outside of every test fails the run without failing a test.
  const outside = code !== 0 && (failed === 0 || died.length > 0);
  return {
    ok: code === 0,
    output: [
      output,
      ...names,
      ...(outside && failed === 0 ? ["no test failed: the error above came from outside of every test"] : []),
      "",
    ].join("\n"),
    note: `${passed} tests in ${files.length} files`,
    tests: { passed, failed: failed + Number(outside) },
  };
}

/** @type {import("./gate.mjs").Gate} */
export const testsGate = { name: "tests (vitest)", judge: () => runTests() };
