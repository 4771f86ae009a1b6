import { describe, expect, test } from "vitest";
import { nn, np, zeros } from "../../src/index.js";
import { define, inner, ownStep, type Anything, type Tree } from "../support/bad-problems.js";
import { said } from "../support/said.js";

// What can be wrong with the functions of a problem, and the one sentence that says so.

describe("a loss", () => {
  test("each in one sentence", async () => {
    expect(
      await said({
        "inner, a vector": () => inner({ loss: (_: unknown, phi: Tree) => phi.w }),
        "inner, a number": () => inner({ loss: () => 1 }),
        "inner, nothing": () => inner({ loss: () => undefined }),
        "inner, whole": () => inner({ loss: () => np.zeros([]).astype("int32") }),
        "outer, a matrix": () => define({ outer: (_: unknown, __: unknown, task: Tree) => task.x }),
        "outer, a host array": () => define({ outer: () => zeros() }),
        "outer, a comparison": () => define({ outer: () => np.zeros([]).less(1) }),
        "operands that do not fit": () =>
          inner({ loss: (_: unknown, __: Tree, task: Tree) => np.matmul(task.x, task.y.reshape([2, 2])).sum() }),
        "a condition on a value": () =>
          inner({ loss: (_: unknown, phi: Tree) => ((phi.b as unknown as number) > 0 ? phi.b : phi.b.neg()) }),
        "an activation of nothing": () => define({ outer: () => nn.sigmoid(undefined as never) }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a condition on a value": "ufom: a traced value has a shape but no number, so it cannot be used with JavaScript's operators, as an index or in a condition (use .add, .greater, np.where, np.take); received float32[] in such a place (inner.loss, bad-functions.test.ts:…).",
        "an activation of nothing": "ufom: sigmoid takes traced values, numbers, lists of numbers and host arrays; received undefined (outer, bad-functions.test.ts:…).",
        "inner, a number": "ufom: inner.loss must return a scalar (.sum() or .mean() it); received 1 (inner.loss, bad-problems.ts:…).",
        "inner, a vector": "ufom: inner.loss must return a scalar (.sum() or .mean() it); received float32[3] (inner.loss, bad-problems.ts:…).",
        "inner, nothing": "ufom: inner.loss must return a scalar (.sum() or .mean() it); received undefined (inner.loss, bad-problems.ts:…).",
        "inner, whole": "ufom: inner.loss must return a floating point scalar, as it is differentiated; received int32[] (inner.loss, bad-functions.test.ts:…).",
        "operands that do not fit": "ufom: matmul needs inner extents that agree; received float32[4,3] · float32[2,2] (inner.loss, bad-functions.test.ts:…).",
        "outer, a comparison": "ufom: outer must return a floating point scalar, as it is differentiated; received bool[] (outer, bad-functions.test.ts:…).",
        "outer, a host array": "ufom: outer must return a scalar (.sum() or .mean() it); received float32[] (outer, bad-problems.ts:…).",
        "outer, a matrix": "ufom: outer must return a scalar (.sum() or .mean() it); received float32[4,3] (outer, bad-problems.ts:…).",
      }
    `);
  });
});

describe("an inner step", () => {
  const state = { m: "m" };
  test("each in one sentence", async () => {
    expect(
      await said({
        nothing: () => ownStep(() => undefined),
        "no state": () => ownStep((_: unknown, { phi }: Anything) => ({ phi })),
        "a key missing": () => ownStep((_: unknown, at: { phi: Tree; state: Tree }) => ({ phi: { w: at.phi.w }, state: at.state })),
        "a key too many": () =>
          ownStep((_: unknown, at: { phi: Tree; state: Tree }) => ({ phi: { ...at.phi, c: np.zeros([]) }, state: at.state })),
        "another shape": () =>
          ownStep((_: unknown, at: { phi: Tree; state: Tree }) => ({ phi: { ...at.phi, w: np.zeros([4]) }, state: at.state })),
        "another dtype": () =>
          ownStep((_: unknown, at: { phi: Tree; state: Tree }) => ({ phi: at.phi, state: { m: at.state.m.astype("int32") } })),
        "another list": () =>
          ownStep(
            (_: unknown, at: { phi: Tree; state: readonly unknown[] }) => ({ phi: at.phi, state: [at.state[0]] }),
            () => [np.zeros([]), np.zeros([])],
          ),
        "host arrays": () => ownStep((_: unknown, at: { phi: Tree }) => ({ phi: at.phi, state: { m: zeros(3) } })),
        "a state of numbers": () =>
          ownStep(
            () => state,
            () => ({ m: 0 }),
          ),
        "a state of whole numbers": () =>
          ownStep(
            () => state,
            () => ({ t: np.zeros([]).astype("int32") }),
          ),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a key missing": "ufom: inner.step must return phi as it was given, with phi.b: float32[]; received { w } (inner.step, bad-problems.ts:…).",
        "a key too many": "ufom: inner.step must return phi as it was given; received also phi.c (inner.step, bad-functions.test.ts:…).",
        "a state of numbers": "ufom: inner.state must be a tree of arrays (at m); received 0 (inner.state, bad-problems.ts:…).",
        "a state of whole numbers": "ufom: inner.state must return floating point values at t, as the sweep differentiates all of them; received int32[] (inner.state, bad-functions.test.ts:…).",
        "another dtype": "ufom: inner.step's state must return floating point values at m, as the sweep differentiates all of them; received int32[3] (inner.step, bad-functions.test.ts:…).",
        "another list": "ufom: inner.step must return state as it was given, with state.1: float32[]; received { 0 } (inner.step, bad-problems.ts:…).",
        "another shape": "ufom: inner.step must keep phi.w at float32[3]; received float32[4] (inner.step, bad-functions.test.ts:…).",
        "host arrays": "ufom: inner.step's state must return traced values (np.zeros, np.array) at m; received float32[3] (inner.step, bad-problems.ts:…).",
        "no state": "ufom: inner.step must return state: { m }; received state: undefined (inner.step, bad-problems.ts:…).",
        "nothing": "ufom: inner.step must return { phi, state }; received undefined (inner.step, bad-problems.ts:…).",
      }
    `);
  });
});
