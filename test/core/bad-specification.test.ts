import { describe, expect, test } from "vitest";
import { defineProblem, i32, np, zeros } from "../../src/index.js";
import { define, inner, type Tree } from "../support/bad-problems.js";
import { said } from "../support/said.js";

// What can be wrong with what defineProblem is given, and the one sentence that says so.
test("what is right is accepted", async () => expect(await said({ right: () => define({}) })).toEqual({ right: "accepted" }));

describe("a specification", () => {
  test("each in one sentence", async () => {
    expect(
      await said({
        nothing: () => defineProblem(undefined as never),
        "no task": () => define({ task: undefined }),
        "no inner loop": () => define({ inner: undefined }),
        "negative steps": () => inner({ steps: -1 }),
        "broken steps": () => inner({ steps: 2.5 }),
        "no steps": () => inner({ steps: undefined }),
        "loss and step": () => inner({ step: () => ({}) }),
        "step without state": () => define({ inner: { steps: 1, step: () => ({}) } }),
        "neither loss nor step": () => define({ inner: { steps: 1 } }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "broken steps": "ufom: defineProblem needs inner.steps to be a whole number of at least 0; received 2.5 (defineProblem, bad-problems.ts:…).",
        "loss and step": "ufom: defineProblem takes inner.loss with inner.rate or inner.optimizer, or inner.step with inner.state, not both; received { loss, rate, steps, step } (defineProblem, bad-problems.ts:…).",
        "negative steps": "ufom: defineProblem needs inner.steps to be a whole number of at least 0; received -1 (defineProblem, bad-problems.ts:…).",
        "neither loss nor step": "ufom: defineProblem needs inner.loss or inner.step to be a function; received { steps } (defineProblem, bad-problems.ts:…).",
        "no inner loop": "ufom: defineProblem needs inner: { loss, rate, steps }, { loss, optimizer, steps } or { state, step, steps }; received undefined (defineProblem, bad-problems.ts:…).",
        "no steps": "ufom: defineProblem needs inner.steps to be a whole number of at least 0; received undefined (defineProblem, bad-problems.ts:…).",
        "no task": "ufom: defineProblem needs task to be a function; received undefined (defineProblem, bad-problems.ts:…).",
        "nothing": "ufom: defineProblem takes an object with theta, task, init, inner and outer; received undefined (defineProblem).",
        "step without state": "ufom: defineProblem needs inner.state beside inner.step (return {} for none); received undefined (defineProblem, bad-problems.ts:…).",
      }
    `);
  });
});

describe("a step size", () => {
  test("each in one sentence", async () => {
    expect(
      await said({
        negative: () => inner({ rate: -0.1 }),
        NaN: () => inner({ rate: NaN }),
        "a text": () => inner({ rate: "0.1" }),
        "a list that is too short": () => inner({ rate: [0.1], steps: 3 }),
        "a list with a zero": () => inner({ rate: [0.1, 0] }),
        "a function that returns nothing": () => inner({ rate: () => undefined }),
        "a function that returns a vector for a tree": () => inner({ rate: () => np.zeros([2]) }),
        "a tree with a leaf missing": () => inner({ rate: () => ({ w: np.zeros([]) }) }),
        "a tree with a leaf that does not broadcast": () => inner({ rate: () => ({ w: np.zeros([2]), b: np.zeros([]) }) }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "NaN": "ufom: defineProblem needs inner.rate to be a positive number, one positive number a step, or a function of θ and the step; received NaN (defineProblem, bad-problems.ts:…).",
        "a function that returns a vector for a tree": "ufom: inner.rate needs trees of one structure ({ w, b }); received float32[2] (inner.rate, bad-specification.test.ts:…).",
        "a function that returns nothing": "ufom: inner.rate needs trees of one structure ({ w, b }); received undefined (inner.rate, bad-problems.ts:…).",
        "a list that is too short": "ufom: defineProblem needs an inner.rate for each of the 3 inner steps; received 1 (defineProblem, bad-problems.ts:…).",
        "a list with a zero": "ufom: defineProblem needs inner.rate to be a positive number, one positive number a step, or a function of θ and the step; received a list of 2 (defineProblem, bad-problems.ts:…).",
        "a text": "ufom: defineProblem needs inner.rate to be a positive number, one positive number a step, or a function of θ and the step; received "0.1" (defineProblem, bad-problems.ts:…).",
        "a tree with a leaf missing": "ufom: inner.rate needs trees of one structure ({ w, b }); received { w } (inner.rate, bad-specification.test.ts:…).",
        "a tree with a leaf that does not broadcast": "ufom: inner.rate must return a scalar, or a tree like φ that broadcasts to it (float32[3] at w); received float32[2] (inner.rate, bad-specification.test.ts:…).",
        "negative": "ufom: defineProblem needs inner.rate to be a positive number, one positive number a step, or a function of θ and the step; received -0.1 (defineProblem, bad-problems.ts:…).",
      }
    `);
  });
});

describe("θ and the task", () => {
  test("each in one sentence", async () => {
    expect(
      await said({
        "θ with whole numbers": () => define({ theta: () => ({ n: i32([1]) }) }),
        "θ with traced values": () => define({ theta: () => ({ w: np.zeros([3]) }) }),
        "θ with plain numbers": () => define({ theta: () => ({ w: [1, 2, 3] }) }),
        "θ with typed arrays": () => define({ theta: () => ({ w: new Float32Array(3) }) }),
        "θ undefined": () => define({ theta: () => undefined }),
        "θ that throws": () =>
          define({
            theta: () => {
              throw new TypeError("no such file");
            },
          }),
        "a task of numbers": () => define({ task: () => ({ x: 1 }) }),
        "a task with a traced value": () => define({ task: () => np.zeros([]) }),
        "a task that is nothing": () => define({ task: () => null }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a task of numbers": "ufom: task must be a tree of arrays (at x); received 1 (task, bad-problems.ts:…).",
        "a task that is nothing": "ufom: task must be a tree of arrays; received null (task, bad-problems.ts:…).",
        "a task with a traced value": "ufom: task must return host arrays (zeros, full, f32, f64, i32); received float32[] (task, bad-specification.test.ts:…).",
        "θ that throws": "ufom: theta threw TypeError: no such file (theta, bad-specification.test.ts:…).",
        "θ undefined": "ufom: theta must be a tree of arrays; received undefined (theta, bad-problems.ts:…).",
        "θ with plain numbers": "ufom: theta must be a tree of arrays (at w.0); received 1 (theta, bad-problems.ts:…).",
        "θ with traced values": "ufom: theta must return host arrays (zeros, full, f32, f64, i32) at w; received float32[3] (theta, bad-specification.test.ts:…).",
        "θ with typed arrays": "ufom: theta must be a tree of arrays (at w); received a Float32Array (f32, f64, i32 make arrays with a shape) (theta, bad-problems.ts:…).",
        "θ with whole numbers": "ufom: theta must return floating point arrays at n (what does not change belongs to the task); received int32[1] (theta, bad-problems.ts:…).",
      }
    `);
  });
});

describe("the start", () => {
  test("each in one sentence", async () => {
    expect(
      await said({
        "host arrays": () => define({ init: () => ({ w: zeros(3) }) }),
        "whole numbers": () => define({ init: () => np.zeros([3]).astype("int32") }),
        nothing: () => define({ init: () => undefined }),
        "a function of a missing key": () => define({ init: (theta: { v: { mul(x: number): unknown } }) => theta.v.mul(2) }),
        "shapes that do not fit": () => define({ init: (theta: Tree, task: Tree) => np.matmul(theta.w, task.y) }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a function of a missing key": "ufom: init threw TypeError: Cannot read properties of undefined (reading 'mul') (init, bad-specification.test.ts:…).",
        "host arrays": "ufom: init must return traced values (np.zeros, np.array) at w; received float32[3] (init, bad-problems.ts:…).",
        "nothing": "ufom: init must be a tree of arrays; received undefined (init, bad-problems.ts:…).",
        "shapes that do not fit": "ufom: matmul needs inner extents that agree; received float32[3] · float32[4] (init, bad-specification.test.ts:…).",
        "whole numbers": "ufom: init must return floating point values, as the sweep differentiates all of them; received int32[3] (init, bad-specification.test.ts:…).",
      }
    `);
  });
});
