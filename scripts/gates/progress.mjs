// A reporter for vitest that writes down at once what it hears: what it wrote is there also if vitest ends without a word.
import { appendFileSync } from "node:fs";

/**
 * One line of the file, as JSON.
 * @typedef {{ kind: "planned" | "started" | "ended", file: string } | { kind: "running" | "passed" | "failed", file: string, test: string }} Line
 */

/** The environment variable that names the file. */
export const variable = "UFOM_TEST_PROGRESS";

export default class Progress {
  #file = process.env[variable] ?? "";

  /** @param {Line} line */
  #write(line) {
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  /** @param {readonly import("vitest/node").TestSpecification[]} specifications */
  onTestRunStart(specifications) {
    for (const { moduleId: file } of specifications) this.#write({ kind: "planned", file });
  }

  /** @param {import("vitest/node").TestModule} module */
  onTestModuleStart({ moduleId: file }) {
    this.#write({ kind: "started", file });
  }

  /** @param {import("vitest/node").TestModule} module */
  onTestModuleEnd({ moduleId: file }) {
    this.#write({ kind: "ended", file });
  }

  /** @param {import("vitest/node").TestCase} test */
  onTestCaseReady({ module: { moduleId: file }, fullName: test }) {
    this.#write({ kind: "running", file, test });
  }

  /** @param {import("vitest/node").TestCase} test */
  onTestCaseResult(test) {
    this.#write({ kind: test.result().state === "failed" ? "failed" : "passed", file: test.module.moduleId, test: test.fullName });
  }
}
