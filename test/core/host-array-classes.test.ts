import * as fc from "../support/fast-check.js";
import { describe, expect, test } from "vitest";
import { createReferenceExecutor, createWasmExecutor, defineProblem, hypergradient, np, sgd, solve, zeros } from "../../src/index.js";
import type { DType, HostArray, HostTree, Problem } from "../../src/index.js";

// A host array says what its numbers are; what they really are is checked wherever one enters. Numbers of a wider class were written over
// the neighbours in WebAssembly's memory.
const classes = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array } as const;
const others = [Float32Array, Float64Array, Int32Array, Uint8Array, Uint32Array, Int16Array, Uint8ClampedArray] as const;
const dtypes = Object.keys(classes) as DType[];

const wrong = (dtype: DType, data: object, shape: readonly number[] = [2]) => ({ shape, dtype, data }) as unknown as HostArray;
/** Every dtype with every class that is not its own, and with too few and too many numbers. */
const cases = dtypes.flatMap(dtype => [
  ...others.filter(other => other !== (classes[dtype] as unknown)).map(other => [dtype, other.name, wrong(dtype, new other(2))] as const),
  ...[0, 1, 3].map(n => [dtype, `${n} of 2`, wrong(dtype, new classes[dtype](n))] as const),
]);
const sentence = /^ufom: .*(needs .* to hold its numbers in a \w+Array; received a \w+Array|needs 2 numbers in .*; received \d)/;

const problem = defineProblem({
  theta: () => ({ a: zeros(2), b: zeros(2) }),
  task: () => ({ x: zeros(2) }),
  init: theta => theta,
  inner: { loss: (_, phi, task) => np.square(phi.a.sub(task.x)).sum().add(np.square(phi.b).sum()), rate: 0.1, steps: 1 },
  outer: (_, phi) => phi.a.add(phi.b).sum(),
}) as unknown as Problem;
const twoSteps = { estimator: "exact", outer: sgd(0.1), outerSteps: 2 } as const;

describe.each(cases)("%s in %s", (dtype, _, array) => {
  test.each([createWasmExecutor(), createReferenceExecutor()])("is refused by $name: upload and write", executor => {
    expect(() => executor.upload(array)).toThrow(sentence);
    const buffer = executor.upload({ shape: [2], dtype, data: new classes[dtype](2) });
    expect(() => executor.write(buffer, array)).toThrow(sentence);
  });

  test("is refused as a constant", () => {
    const task = () => ({ x: zeros(2) });
    const withConstant = () =>
      defineProblem({
        theta: () => zeros(2),
        task,
        init: theta => theta.add(np.array(array)),
        inner: { loss: (_, phi) => phi.sum(), rate: 0.1, steps: 1 },
        outer: (_, phi) => phi.sum(),
      });
    expect(withConstant).toThrow(sentence);
  });
});

const floats = cases.filter(([dtype]) => dtype === "float32");
describe.each(floats)("%s in %s, as part of a problem", (_, __, array) => {
  const theta = { a: zeros(2), b: array } as HostTree;

  test("is refused in θ and in a task, with its place", async () => {
    await expect(hypergradient(problem, { theta })).rejects.toThrow(/at b/);
    await expect(hypergradient(problem, { theta })).rejects.toThrow(sentence);
    await expect(hypergradient(problem, { task: { x: array } })).rejects.toThrow(sentence);
    expect(() => solve(problem, { ...twoSteps, theta })).toThrow(sentence);
  });

  test("is refused where the problem's own functions return it", () => {
    const spec = {
      init: (t: { a: never }) => t.a,
      inner: { loss: (_: unknown, phi: never) => np.square(phi).sum(), rate: 0.1, steps: 1 },
      outer: (_: unknown, phi: never) => np.square(phi).sum(),
    };
    expect(() => defineProblem({ theta: () => ({ a: array }), task: () => ({}), ...spec })).toThrow(sentence);
    expect(() => defineProblem({ theta: () => ({ a: zeros(2) }), task: () => ({ x: array }), ...spec })).toThrow(sentence);
  });

  test("is refused in a checkpoint", async () => {
    const run = solve(problem, twoSteps);
    for await (const _ of run) break;
    const resume = { ...run.checkpoint(), theta };
    await expect(solve(problem, { ...twoSteps, resume }).result()).rejects.toThrow(sentence);
  });
});

test("arrays of another realm are arrays", async () => {
  const { runInNewContext } = await import("node:vm");
  const data = runInNewContext("Float32Array.of(1, 2)") as Float32Array;
  const { gradient } = await hypergradient(problem, { theta: { a: { shape: [2], dtype: "float32", data }, b: zeros(2) } });
  expect(gradient).toBeDefined();
});

test("neighbours stay as they are, whatever is tried", () => {
  const executor = createWasmExecutor();
  fc.assert(
    fc.property(fc.constantFrom(...dtypes), fc.constantFrom(...others), fc.nat(9), fc.nat(9), (dtype, other, n, shape) => {
      const before = executor.upload({ shape: [4], dtype: "float32", data: Float32Array.of(1, 2, 3, 4) });
      const between = executor.upload({ shape: [shape], dtype, data: new classes[dtype](shape) });
      const after = executor.upload({ shape: [4], dtype: "float32", data: Float32Array.of(5, 6, 7, 8) });
      try {
        executor.write(between, wrong(dtype, new other(n).fill(99), [shape]));
      } catch {
        // Refused: nothing was to be written.
      }
      expect([...executor.read(before).data, ...executor.read(after).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      for (const buffer of [before, between, after]) executor.free(buffer);
    }),
    { seed: 5, numRuns: 300 },
  );
});
