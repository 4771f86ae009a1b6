// The programs of steps that keep residuals, among those that `ufom inspect` shows.
import { expect, test } from "vitest";
import { inspectPrograms } from "../../cli/src/engine.js";
import { mixed, pullback } from "../../src/core/problem/definitions.js";
import { everywhere } from "../support/problems.js";
import { wideProblems } from "../support/wide-problems.js";

const usual = ["init", "step", "outer", "pullback", "mixed", "initPullback"];

test("are there where something is worth keeping, with what a step keeps and less work in the product", async () => {
  const [{ problem }] = wideProblems,
    programs = await inspectPrograms(problem, "float64", 1),
    byName = new Map(programs.map(program => [program.name, program])),
    known = problem.programs({ theta: problem.theta(1), task: await problem.task(1, 1, 0) }, "float64");
  expect(programs.slice(0, 6).map(({ name }) => name)).toEqual(usual);
  for (const { name } of [pullback, mixed]) {
    const keeping = byName.get(`step with residuals for ${name}`)!,
      product = byName.get(`${name} from residuals`)!;
    const outputs = keeping.program.outputs.slice(known.state.length).map(k => keeping.program.nodes[k]);
    expect(keeping.residualBytes).toBe(outputs.reduce((sum, { shape }) => sum + 8 * shape.reduce((a, b) => a * b, 1), 0));
    expect(keeping.residualBytes).toBeGreaterThan(0);
    expect(product.flops).toBeLessThan(byName.get(name)!.flops);
    expect(product.residualBytes).toBeUndefined();
  }
  expect(programs).toHaveLength(10);
});

test("are not where nothing is", async () => {
  expect((await inspectPrograms(everywhere.problem, "float64", 1)).map(({ name }) => name)).toEqual(usual);
});
