import { afterEach, expect, it, vi } from "vitest";
import { LoopOf } from "../../src/compiler/graph/loop-of.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { wasmTarget } from "../../src/executors/wasm/target.js";
import { lax, np } from "../../src/index.js";
import type { Value } from "../../src/index.js";
import { optimize } from "../../src/program/passes/index.js";
import * as reachability from "../../src/program/reachability.js";
import { trace } from "../../src/tensor/trace.js";
import { float } from "../tensor/evaluate.js";

vi.mock("../../src/program/reachability.js", { spy: true });
afterEach(() => vi.restoreAllMocks());

/** Loops one after another, no two of them alike, with two results each. */
const chain = (n: number) => (x: Value) => {
  let h = x;
  for (let i = 0; i < n; i++) {
    const [last, all] = lax.scan((c: Value) => [np.tanh(c.mul(1 + i / 100)), c], h, null, { length: 3 });
    h = last.add(all.sum(0));
  }
  return h;
};

const programs = [20, 40].map(n => trace(chain(n), [float(3)]).program);

it("a program of many loops is scheduled without comparing each with each", () => {
  const spy = vi.spyOn(LoopOf.prototype, "toJSON");
  const counts = programs.map(program => {
    spy.mockClear();
    const { kernels } = schedule(program, wasmTarget);
    return { loops: kernels.filter(({ kind }) => kind === "loop").length, calls: spy.mock.calls.length };
  });
  expect(counts.map(({ loops }) => loops)).toEqual([20, 40]);
  expect(counts[1].calls).toBeLessThanOrEqual(2 * counts[0].calls);
});

it("a program of many loops is optimized without a walk for each pair of them", () => {
  const walks = programs.map(program => {
    const spy = vi.mocked(reachability.ancestors);
    spy.mockClear();
    optimize(program);
    return spy.mock.calls.filter(([walked]) => walked.nodes.length > 20).length;
  });
  expect(walks[1]).toBeLessThanOrEqual(2 * Math.max(1, walks[0]));
});
