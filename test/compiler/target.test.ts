import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/compiler/graph/tensor.js";
import { isLeaf, sourcesOf, storageOf } from "../../src/compiler/graph/tensor.js";
import { computedBy } from "../../src/compiler/schedule/kernel.js";
import type { Schedule } from "../../src/compiler/schedule/schedule.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import type { Target } from "../../src/compiler/target.js";
import { wasmTarget } from "../../src/executors/wasm/target.js";
import { optimize } from "../../src/program/passes/index.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import type { Shape } from "../../src/tensor/types.js";
import { sizeOf } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { readPrograms } from "../browser/random-programs.js";
import { cases } from "../browser/suite/index.js";

/** A machine that there is not: one byte a bool, few inputs, wide alignment, products that cost what they multiply. */
const invented: Target = {
  name: "invented",
  bytes: { float32: 4, float64: 8, int32: 4, bool: 1 },
  alignment: 256,
  padding: { from: 1000, bytes: 256 },
  mostInputs: 4,
  productCycles: ({ rows, columns, depth }) => rows * columns * depth,
  copyCycles: 1,
  reorderCycles: 1,
  readsWindowsInPlace: () => false,
  addsUpInMemory: () => false,
  runsBodyAfterwards: () => false,
  mayJoin: () => true,
  rowBlocks: null,
  stepsInMemory: () => null,
  workspaceBytes: ({ kind }) => (kind === "solve" ? 1000 : 0),
  refuse: () => undefined,
};

const programs = cases(readPrograms()).flatMap(({ name, program }) => [
  { name, program },
  { name: `${name}, after the passes`, program: optimize(program) },
]);

/** Tensors in the scratch area: where they lie, the kernel that computes them and the last one that reads them. */
function livesIn({ kernels, plan }: Schedule, target: Target) {
  const home = new Map<Tensor, number>(),
    last = new Map<Tensor, number>();
  kernels.forEach((kernel, k) => {
    for (const t of computedBy(kernel)) home.set(t, k);
    for (const t of sourcesOf(computedBy(kernel).flatMap(({ operands }) => operands))) last.set(t, k);
  });
  return [...plan.regions].flatMap(([tensor, region]) => {
    if (region.area !== "scratch") return [];
    const from = region.offset,
      bytes = sizeOf(tensor.shape) * target.bytes[tensor.dtype],
      { padding } = target;
    // Nothing lies in what is left free behind a large array.
    const end = from + bytes + (padding && bytes >= padding.from ? padding.bytes : 0);
    return [{ tensor, from, end, born: home.get(tensor)!, dies: last.get(tensor)! }];
  });
}

describe.each([invented, wasmTarget])("kernels for the target $name", target => {
  const schedules = programs.map(({ name, program }) => ({ name, plan: schedule(program, target) }));

  it("read what earlier kernels, inputs and constants hold", () => {
    for (const { name, plan } of schedules) {
      const there = new Set<Tensor>();
      for (const kernel of plan.kernels) {
        const own = new Set(computedBy(kernel));
        for (const t of sourcesOf([...own].flatMap(({ operands }) => operands)))
          expect(isLeaf(t) || own.has(t) || (there.has(t) && plan.plan.stored.has(t)), name).toBe(true);
        for (const t of own) there.add(t);
      }
      for (const output of plan.outputs) expect(isLeaf(storageOf(output)) || there.has(storageOf(output)), name).toBe(true);
    }
  });

  it("read no more arrays than a kernel may, unless one operation does", () => {
    for (const { name, plan } of schedules)
      for (const kernel of plan.kernels) {
        const own = computedBy(kernel),
          sources = sourcesOf(own.flatMap(({ operands }) => operands));
        for (const t of own) sources.delete(t);
        const alone = Math.max(...own.map(({ operands }) => sourcesOf(operands).size));
        expect(sources.size, name).toBeLessThanOrEqual(Math.max(target.mostInputs, alone));
      }
  });

  it("have memory at aligned places, in which nothing that is needed is overwritten", () => {
    for (const { name, plan } of schedules) {
      const { scratchBytes, constants, inPlace } = plan.plan,
        lives = livesIn(plan, target);
      for (const { offset } of constants) expect(offset % target.alignment, name).toBe(0);
      for (const a of lives) {
        expect(a.from % target.alignment, name).toBe(0);
        expect(a.end, name).toBeLessThanOrEqual(scratchBytes);
        for (const b of lives) {
          if (a === b || a.end <= b.from || b.end <= a.from) continue;
          const [first, second] = a.born < b.born ? [a, b] : [b, a];
          const follows = second.born > first.dies || (second.born === first.dies && inPlace.has(second.tensor));
          expect(follows, `${name}: ${first.tensor.id} and ${second.tensor.id}`).toBe(true);
        }
      }
    }
  });
});

it("the invented machine gets other kernels where its limits bind", () => {
  const kernels = (target: Target) => programs.map(({ program }) => schedule(program, target).kernels.length);
  expect(kernels({ ...invented, mostInputs: 2 }).reduce((a, b) => a + b)).toBeGreaterThan(kernels(invented).reduce((a, b) => a + b));
});

describe("activations of whole pages", () => {
  const values = (shape: Shape, count: number) =>
    trace(
      (x: Value) => {
        const all = Array.from({ length: count }, (_, k) => np.sin(x.add(k)));
        // What is added up needs all of the values at once, each in memory of its own.
        return all.map(y =>
          np.matmul(y.reshape([-1, shape[shape.length - 1]]).transpose([1, 0]), y.reshape([-1, shape[shape.length - 1]])),
        );
      },
      [{ shape, dtype: "float32" }],
    ).program;
  const places = (target: Target) =>
    livesIn(schedule(values([20, 14, 14, 64], 12), target), target).filter(({ tensor }) => sizeOf(tensor.shape) === 20 * 14 * 14 * 64);

  it("begin in different sets of the first cache", () => {
    const sets = places(wasmTarget).map(({ from }) => from % 4096);
    expect(sets.length).toBeGreaterThan(1);
    expect(new Set(sets).size).toBe(new Set(places(wasmTarget).map(({ from }) => from)).size);
  });

  it("take at most 2 % more memory for it, from the smallest that have room behind them", () => {
    const { padding } = wasmTarget;
    expect(padding!.bytes / padding!.from).toBeLessThanOrEqual(0.02);
    const bytes = (target: Target) => schedule(values([20, 14, 14, 64], 12), target).plan.scratchBytes;
    expect(bytes(wasmTarget) / bytes({ ...wasmTarget, padding: null })).toBeLessThan(1.02);
  });
});
