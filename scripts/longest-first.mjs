// The order in which vitest runs the files: first those that take longest, so that all cores end together, also in a checkout where nothing is known yet.
import { relative } from "node:path";
import { BaseSequencer } from "vitest/node";

/** The files that take ten seconds and more, the longest first. */
export const longest = [
  "test/conformance/operations-executors.test.ts",
  "test/examples/solve.test.ts",
  "test/docs/code.test.ts",
  "test/conformance/estimators.test.ts",
  "test/executors/long-programs.test.ts",
  "test/cli/file-errors.test.ts",
  "test/cli/run-folder.test.ts",
  "test/cli/kill.test.ts",
  "test/cli/run.test.ts",
  "test/conformance/operations.test.ts",
  "test/cli/compare.test.ts",
  "test/package/exports.test.ts",
  "test/conformance/outer.test.ts",
  "test/core/recorded-batch.test.ts",
  "test/core/routine-loops.test.ts",
  "test/executors/long-sums.test.ts",
  "test/conformance/operations-vmap.test.ts",
  "test/conformance/operations-points.test.ts",
  "test/cli/tune.test.ts",
  "test/cli/metrics.test.ts",
  "test/core/mean-hypergradient.test.ts",
  "test/conformance/networks-random.test.ts",
  "test/conformance/random-programs.test.ts",
  "test/core/resume.test.ts",
  "test/cleaning/command.test.ts",
];

export default class LongestFirst extends BaseSequencer {
  /**
   * @override
   * @param {import("vitest/node").TestSpecification[]} files
   */
  async sort(files) {
    /** @param {import("vitest/node").TestSpecification} file */
    const rank = ({ moduleId, project }) => {
      const place = longest.indexOf(relative(this.ctx.config.root, moduleId).replaceAll("\\", "/"));
      // Processes that several files share come last, and are kept as long as there are such files.
      return (project.config.isolate ? 0 : 1e6) + (place < 0 ? longest.length : place);
    };
    const sorted = await super.sort(files);
    return sorted
      .map((file, i) => /** @type {const} */ ([rank(file), i, file]))
      .sort(([a, i], [b, j]) => a - b || i - j)
      .map(([, , file]) => file);
  }
}
