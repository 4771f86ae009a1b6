// Whatever the number of threads, the bits are those of one.
import { describe, expect, test } from "vitest";
import { createWasmExecutor, sgd, solve, type Problem } from "../../src/index.js";
import { solveWith } from "../../src/core/solve/solve.js";
import { threads } from "../../src/team/threads.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";

describe("x", () => {
  test.each([2, 3])("%i", async workers => {
    const options = { estimator: "ufom:0.5", outer: sgd(0.1), outerSteps: 20, metaBatch: 5 };
    const own = await solve(everywhere.problem, options).result();
    const executor = createWasmExecutor();
    const run = solveWith(everywhere.problem, options, { executor, team: threads({ workers }) });
    const found = await run.result();
    expect(bitsOf(found.theta)).toBe(bitsOf(own.theta));
    expect(executor.usage().buffers).toBe(0);
  });
});
