import { describe, expect, test } from "vitest";
import {
  adam,
  chooseExecutor,
  exact,
  f32,
  hypergradient,
  i32,
  parseEstimator,
  sgd,
  solve,
  truncated,
  ufom,
  zeros,
} from "../../src/index.js";
import { define, good, inner, type Anything, type Tree } from "../support/bad-problems.js";
import { initialization } from "../support/problems.js";
import { said } from "../support/said.js";

// What can be wrong with what a problem is asked for, and the one sentence that says so.

describe("estimators", () => {
  test("by their spelling", async () => {
    const texts = [
      "nonsense",
      "ufom",
      "ufom:0",
      "ufom:1.5",
      "ufom:-0.1",
      "ufom:NaN",
      "ufom:x",
      "truncated",
      "truncated:-1",
      "truncated:2.5",
      "exact:checkpoint=0",
      "exact:all",
      "ufom:0.1:baseline=ufom:0.2",
      "ufom:0.1:p=2",
      "ufom:adaptive:pilot=3",
      "",
    ];
    expect(await said(Object.fromEntries(texts.map(text => [text, () => parseEstimator(text)])))).toMatchInlineSnapshot(`
      {
        "": "ufom: an estimator must be one of first-order, first-order:mixed[:MEMORY], exact[:MEMORY], truncated:K[:MEMORY], head:K[:tail:M][:MEMORY], zero, forward[:block=B], implicit:SOLVER=K[:tolerance=T], ufom:steps=K[:first=F], ufom:Q[:scale=SCALE][:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR], es:N[:sigma=S], soba[:K], reptile; received "".",
        "exact:all": "ufom: a memory strategy is one of store, residuals[=SIZE], checkpoint=S, recompute; received "all".",
        "exact:checkpoint=0": "ufom: checkpoint wants a whole number of snapshots, at least 1; received 0.",
        "nonsense": "ufom: an estimator must be one of first-order, first-order:mixed[:MEMORY], exact[:MEMORY], truncated:K[:MEMORY], head:K[:tail:M][:MEMORY], zero, forward[:block=B], implicit:SOLVER=K[:tolerance=T], ufom:steps=K[:first=F], ufom:Q[:scale=SCALE][:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR], es:N[:sigma=S], soba[:K], reptile; received "nonsense".",
        "truncated": "ufom: truncated takes a whole number of steps of at least 0; received nothing.",
        "truncated:-1": "ufom: truncated takes a whole number of steps of at least 0; received "-1".",
        "truncated:2.5": "ufom: truncated takes a whole number of steps of at least 0; received "2.5".",
        "ufom": "ufom: ufom takes a probability in (0, 1], adaptive, optimal or adaptive:as-released; received nothing.",
        "ufom:-0.1": "ufom: ufom takes a probability in (0, 1]; received -0.1.",
        "ufom:0": "ufom: ufom takes a probability in (0, 1]; received 0.",
        "ufom:0.1:baseline=ufom:0.2": "accepted",
        "ufom:0.1:p=2": "ufom: ufom:0.1 takes no options of a probability; received p=2.",
        "ufom:1.5": "ufom: ufom takes a probability in (0, 1]; received 1.5.",
        "ufom:NaN": "ufom: ufom takes a probability in (0, 1], adaptive, optimal or adaptive:as-released; received "NaN".",
        "ufom:adaptive:pilot=3": "ufom: ufom:adaptive takes the options p, q-min, costs, decay; received pilot=3.",
        "ufom:x": "ufom: ufom takes a probability in (0, 1], adaptive, optimal or adaptive:as-released; received "x".",
      }
    `);
  });

  test("by their functions", async () => {
    expect(
      await said({
        "ufom(0)": () => ufom(0),
        "ufom(2)": () => ufom(2),
        "ufom(NaN)": () => ufom(NaN),
        "truncated(-1)": () => truncated(-1),
        "truncated(½)": () => truncated(0.5),
      }),
    ).toMatchInlineSnapshot(`
      {
        "truncated(-1)": "ufom: truncated takes a whole number of steps of at least 0; received -1.",
        "truncated(½)": "ufom: truncated takes a whole number of steps of at least 0; received 0.5.",
        "ufom(0)": "ufom: ufom takes a probability in (0, 1]; received 0.",
        "ufom(2)": "ufom: ufom takes a probability in (0, 1]; received 2.",
        "ufom(NaN)": "ufom: ufom takes a probability in (0, 1]; received NaN.",
      }
    `);
  });
});

describe("hypergradient", () => {
  const { problem } = initialization,
    one = zeros(1),
    call = (options: unknown) => () => hypergradient(problem, options as never);

  test("each in one sentence", async () => {
    expect(
      await said({
        "no problem": () => hypergradient({ steps: 3 } as never),
        "r negative": call({ innerSteps: -1 }),
        "r broken": call({ innerSteps: 1.5 }),
        "θ of another shape": call({ theta: { w: one, b: one, out: one } }),
        "θ with leaves missing": call({ theta: { w: zeros(3, 4) } }),
        "θ that is no tree": call({ theta: 3 }),
        "a task that is no tree": call({ task: { x: [1, 2] } }),
        "a task with leaves missing": call({ task: { x: zeros(7, 3) } }),
        "another executor": call({ executor: "gpu" }),
        "another estimator": call({ estimator: "magic" }),
        "a seed that is not whole": call({ seed: 0.5 }),
        "another dtype": call({ dtype: "float16" }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a seed that is not whole": "ufom: a seed must be a whole number; received 0.5.",
        "a task that is no tree": "ufom: hypergradient's task must be a tree of arrays (at x.0); received 1.",
        "a task with leaves missing": "ufom: subtract takes traced values, numbers, lists of numbers and host arrays; received undefined (inner.loss, problems.ts:…).",
        "another dtype": "ufom: dtype must be float32 or float64; received "float16".",
        "another estimator": "ufom: an estimator must be one of first-order, first-order:mixed[:MEMORY], exact[:MEMORY], truncated:K[:MEMORY], head:K[:tail:M][:MEMORY], zero, forward[:block=B], implicit:SOLVER=K[:tolerance=T], ufom:steps=K[:first=F], ufom:Q[:scale=SCALE][:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR], es:N[:sigma=S], soba[:K], reptile; received "magic".",
        "another executor": "ufom: the executor must be one of auto, wasm, reference; received "gpu".",
        "no problem": "ufom: hypergradient takes a problem that defineProblem made; received { steps }.",
        "r broken": "ufom: the number of inner steps must be a whole number of at least 0; received 1.5.",
        "r negative": "ufom: the number of inner steps must be a whole number of at least 0; received -1.",
        "θ of another shape": "ufom: hypergradient's theta must keep w at float32[3,4]; received float32[1].",
        "θ that is no tree": "ufom: hypergradient's theta must be a tree of arrays; received 3.",
        "θ with leaves missing": "ufom: hypergradient's theta must have b: float32[4]; received { w }.",
      }
    `);
  });

  test("more steps than step sizes", async () => {
    const listed = inner({ rate: [0.1, 0.2, 0.3], steps: 2 });
    expect(
      await said({
        "r = 3": () => hypergradient(listed, { innerSteps: 3 }),
        "r = 4": () => hypergradient(listed, { innerSteps: 4 }),
        "r = 4 in a run": () => solve(listed, { estimator: exact(), outer: sgd(1), outerSteps: 1, innerSteps: 4 }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "r = 3": "accepted",
        "r = 4": "ufom: the number of inner steps must be at most 3, as many as inner.rate lists; received 4.",
        "r = 4 in a run": "ufom: the number of inner steps must be at most 3, as many as inner.rate lists; received 4.",
      }
    `);
  });
});

describe("solve", () => {
  const options = { estimator: "exact", outer: adam(0.1), outerSteps: 2 },
    start = (changes: Anything) => () => solve(initialization.problem, { ...options, ...changes });

  test("its options, each in one sentence, before anything runs", async () => {
    expect(
      await said({
        "no problem": () => solve(undefined as never, options),
        "no options": () => solve(initialization.problem, undefined as never),
        "outerSteps negative": start({ outerSteps: -1 }),
        "outerSteps broken": start({ outerSteps: 0.5 }),
        "metaBatch zero": start({ metaBatch: 0 }),
        "innerSteps negative": start({ innerSteps: -2 }),
        "an unknown estimator": start({ estimator: "exactly" }),
        "no estimator": start({ estimator: undefined }),
        "no outer transform": start({ outer: undefined }),
        "a spelling for an outer transform": start({ outer: "adam:0.1" }),
        "a budget that is no number": start({ budget: { seconds: NaN } }),
        "θ of another shape": start({ theta: { w: zeros(3, 4), b: zeros(4), out: zeros(4, 3) } }),
        "a seed that is not whole": start({ seed: NaN }),
        "another dtype": start({ dtype: "float16" }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a budget that is no number": "ufom: solve's budget.seconds must be a number of at least 0; received NaN.",
        "a seed that is not whole": "ufom: a seed must be a whole number; received NaN.",
        "a spelling for an outer transform": "accepted",
        "an unknown estimator": "ufom: an estimator must be one of first-order, first-order:mixed[:MEMORY], exact[:MEMORY], truncated:K[:MEMORY], head:K[:tail:M][:MEMORY], zero, forward[:block=B], implicit:SOLVER=K[:tolerance=T], ufom:steps=K[:first=F], ufom:Q[:scale=SCALE][:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR], es:N[:sigma=S], soba[:K], reptile; received "exactly".",
        "another dtype": "ufom: dtype must be float32 or float64; received "float16".",
        "innerSteps negative": "ufom: the number of inner steps must be a whole number of at least 0; received -2.",
        "metaBatch zero": "ufom: solve's metaBatch must be a whole number of at least 1; received 0.",
        "no estimator": "ufom: solve's estimator must be an estimator or its spelling; received undefined.",
        "no options": "ufom: solve takes options with estimator, outer and outerSteps; received undefined.",
        "no outer transform": "ufom: solve's outer must be an outer transform such as adam(1e-3), or its spelling; received undefined.",
        "no problem": "ufom: solve takes a problem that defineProblem made; received undefined.",
        "outerSteps broken": "ufom: solve's outerSteps must be a whole number of at least 0; received 0.5.",
        "outerSteps negative": "ufom: solve's outerSteps must be a whole number of at least 0; received -1.",
        "θ of another shape": "ufom: solve's theta must keep out at float32[4,2]; received float32[4,3].",
      }
    `);
  });

  test("tasks unlike the first", async () => {
    /** From the fourth task on. */
    const changing = (different: unknown) => () => {
      let asked = 0;
      const problem = define({ task: () => (++asked > 3 ? different : good.task()), outer: (_: unknown, phi: Tree) => phi.w.sum() });
      return solve(problem, { ...options, metaBatch: 2 }).result();
    };
    expect(
      await said({
        "other shapes": changing({ x: zeros(5, 3), y: zeros(5) }),
        "a leaf missing": changing({ x: zeros(4, 3) }),
        "a leaf more": changing({ ...good.task(), z: zeros() }),
        "another dtype": changing({ x: i32(new Int32Array(12), 4, 3), y: zeros(4) }),
        "no arrays": changing({ x: "x", y: zeros(4) }),
        nothing: changing(undefined),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a leaf missing": "ufom: every task must have y: float32[4]; received { x } (task, bad-problems.ts:…).",
        "a leaf more": "ufom: every task must have the same tree; received also z (task, bad-problems.ts:…).",
        "another dtype": "ufom: every task must keep x at float32[4,3]; received int32[4,3] (task, bad-problems.ts:…).",
        "no arrays": "ufom: task must be a tree of arrays (at x); received "x" (task, bad-problems.ts:…).",
        "nothing": "ufom: task must be a tree of arrays; received undefined (task, bad-problems.ts:…).",
        "other shapes": "ufom: every task must keep x at float32[4,3]; received float32[5,3] (task, bad-problems.ts:…).",
      }
    `);
  });

  test("a task that comes later is checked when it comes", async () => {
    expect(
      await said({
        "no arrays": () => hypergradient(define({ task: async () => ({ x: await Promise.resolve(1) }) })),
        "a function that does not fit it": () =>
          hypergradient(define({ task: () => Promise.resolve({ x: zeros(4, 3) }), outer: (_: unknown, phi: Tree) => phi.w })),
        "never comes": () => hypergradient(define({ task: () => Promise.reject(new Error("the server said 404")) })),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a function that does not fit it": "ufom: outer must return a scalar (.sum() or .mean() it); received float32[3] (outer, bad-problems.ts:…).",
        "never comes": "ufom: task threw Error: the server said 404 (task, bad-options.test.ts:…).",
        "no arrays": "ufom: task must be a tree of arrays (at x); received 1 (task, bad-problems.ts:…).",
      }
    `);
  });
});

test("executors and arrays", async () => {
  expect(await said({ tpu: () => chooseExecutor("tpu"), f32: () => f32([1, 2], 3) })).toMatchInlineSnapshot(`
    {
      "f32": "ufom: f32 needs as many numbers as the shape [3] has (3); received 2.",
      "tpu": "ufom: the executor must be one of auto, wasm, reference; received "tpu".",
    }
  `);
});
