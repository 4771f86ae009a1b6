// What `diagnose` refuses, in sentences.
import { describe, expect, test } from "vitest";
import { defineProblem, diagnose, f64, np, type DiagnoseOptions, type Problem, type Value } from "../../src/index.js";
import { normal64, ridge } from "../support/problems.js";

/** φ₀ = θ of four numbers, drawn towards a task; sums of squares. */
const quadratic = defineProblem({
  theta: () => f64([1.5, -0.7, 0.4, 2.1]),
  task: random => normal64(random, [4]),
  init: theta => theta,
  inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.15, steps: 6 },
  outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
});

describe("refuses", () => {
  const outOf = (problem: unknown, options: DiagnoseOptions) =>
    diagnose(problem as Problem, { dtype: "float64", clock: false, seed: 3, resamples: 100, loopSteps: 0, tasks: 4, ...options }).then(
      () => "accepted",
      (error: Error) => error.message,
    );
  const scalar = (outer: (phi: Value) => unknown) =>
    defineProblem({
      theta: () => f64([1]),
      task: random => normal64(random, [1]),
      init: theta => theta,
      inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.1, steps: 2 },
      outer: (_, phi) => outer(phi) as never,
    });

  test("in sentences", async () => {
    const said: Record<string, string> = {};
    for (const [what, problem, options] of [
      ["points", quadratic, { points: 0 }],
      ["one task", quadratic, { tasks: 1 }],
      ["precision", quadratic, { precision: -1 }],
      ["run without outer", quadratic, { outerSteps: 5 }],
      ["candidates", quadratic, { candidates: "exact" as never }],
      ["twice", quadratic, { candidates: ["first-order", "truncated:1", "first-order"] }],
      ["random", quadratic, { candidates: ["ufom:0.1"] }],
      ["misspelled", quadratic, { budget: { second: 1 } as never }],
      ["no memory", quadratic, { memory: 8 }],
      ["budget", quadratic, { budget: { evaluations: 20 } }],
      ["zero by structure", ridge.problem, { candidates: ["first-order"] }],
      ["zero", scalar(phi => phi.mul(0).sum()), {}],
      ["loss not finite", scalar(phi => np.log(phi.sub(1e3)).sum()), {}],
      ["gradient not finite", scalar(phi => np.sqrt(phi.mul(0)).sum()), {}],
    ] as const)
      said[what] = await outOf(problem, options);
    expect(said).toMatchInlineSnapshot(`
      {
        "budget": "ufom: diagnose's budget.evaluations must allow two tasks at θ₀, about 46; received 20 that are left.",
        "candidates": "ufom: diagnose's candidates must be a list of spellings of estimators, or zero; received "exact".",
        "gradient not finite": "ufom: diagnose compares gradients that are finite (a smaller inner rate, fewer inner steps or another θ; or leave that candidate out); received one by exact that is not, after 0 outer steps, for task 0.",
        "loss not finite": "ufom: diagnose needs outer losses that are finite; received NaN after 0 outer steps, for task 0.",
        "misspelled": "ufom: diagnose's budget takes the limits seconds, evaluations (did you mean seconds?); received second.",
        "no memory": "ufom: diagnose's memory must hold one state of the inner loop at least, 288 bytes; received 8.",
        "one task": "ufom: diagnose's tasks must be a whole number of at least 2; received 1.",
        "points": "ufom: diagnose's points must be a whole number of at least 1; received 0.",
        "precision": "ufom: diagnose's precision must be a number greater than 0; received -1.",
        "random": "ufom: diagnose's candidates must be estimators that draw nothing and keep nothing from one outer step to the next; received ufom:0.1.",
        "run without outer": "ufom: diagnose's outerSteps needs an outer transform for the run (outer: adam(1e-3)); received 5 and no outer.",
        "twice": "ufom: diagnose's candidates must differ from each other; received first-order twice.",
        "zero": "ufom: diagnose needs an exact gradient that is not zero: θ must reach the outer loss; received one that is zero for every task and θ looked at.",
        "zero by structure": "ufom: first-order needs θ in the start or in the outer loss, as it drops all that reaches θ through inner steps (first-order:mixed keeps it); received a problem whose first-order gradient is zero: θ enters its inner steps only (defineProblem, problems.ts:14).",
      }
    `);
  });
});
