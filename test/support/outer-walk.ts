// Runs of an outer transform on random gradients, as tests compare them.
import { expect } from "vitest";
import { HostOuter, type HostStep } from "./host-outer.js";
import type { OuterTransform } from "../../src/core/outer/index.js";
import { stepCodes } from "../../src/core/outer/outer-programs.js";
import { stream } from "../../src/core/random/index.js";
import { mapTree } from "../../src/core/trees/host-tree.js";
import type { Executor } from "../../src/executors/executor.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import type { ValueTree } from "../../src/tensor/tree.js";
import type { FloatType, HostArray, HostTree } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";
import { Value } from "../../src/tensor/value.js";

export const dtypes = ["float32", "float64"] as const;
/** Steps of a run, unless told. */
export const steps = 30;

/** A random tree with a matrix, a list, a scalar and an empty leaf; the keys are not in alphabetical order. */
export function randomTree(dtype: FloatType, ...index: number[]): Record<string, HostTree> {
  const random = stream(5, "gradient", ...index);
  const leaf = (...shape: number[]): HostArray => {
    const array = { shape, dtype, data: allocate({ shape, dtype }) };
    array.data.set(Array.from(random.normal(shape).data, x => x * 1.1));
    return array;
  };
  return { w: leaf(3, 2), layers: [{ bias: leaf(), gain: leaf(2) }, { bias: leaf(4) }], empty: leaf(0) };
}

/** Falls, then stays, then falls, with noise. */
export const lossAt = (k: number): number =>
  3 / Math.min(k, 8) - (k > 20 ? 0.02 * (k - 20) : 0) + 1e-3 * stream(8, "loss", k).uniform([1]).data[0];

/** A transform on an executor, which is disposed of afterwards; nothing may be left in it. */
export async function on<R>(
  executor: Executor,
  transform: OuterTransform,
  theta: HostTree,
  dtype: FloatType,
  f: (outer: HostOuter) => Promise<R>,
): Promise<R> {
  const outer = new HostOuter(transform, theta, { executor, dtype });
  try {
    const result = await f(outer);
    expect(executor.usage().buffers).toBe(0);
    return result;
  } finally {
    outer.dispose();
    executor.dispose();
  }
}

export interface WalkOptions {
  readonly count?: number;
  readonly executor?: Executor;
  readonly theta?: HostTree;
  readonly gradient?: (k: number) => HostTree;
  /** Sees the state before each step, and gives the one that is gone on from. */
  readonly between?: (state: HostTree) => HostTree;
}

/** θ and the state after each of some steps on random gradients. */
export async function walk(
  transform: OuterTransform,
  dtype: FloatType,
  {
    count = steps,
    executor = createWasmExecutor(),
    theta: start = randomTree(dtype, 0),
    gradient = k => randomTree(dtype, k),
    between = state => state,
  }: WalkOptions = {},
): Promise<HostStep[]> {
  return on(executor, transform, start, dtype, async outer => {
    let [theta, state] = [start, await outer.init(start)];
    const all: HostStep[] = [];
    for (let k = 1; k <= count; k++) {
      const step = await outer.update(gradient(k), between(state), theta, k, lossAt(k));
      expect(step.code).toBe(stepCodes.fine);
      ({ theta, state } = step);
      all.push(step);
    }
    return all;
  });
}

/** Typed arrays as lists of numbers, infinities as texts; and back. */
export const throughText = (state: HostTree): HostTree => {
  const text = JSON.stringify(mapTree(leaf => ({ ...leaf, data: Array.from(leaf.data, String) as never }), state));
  return mapTree(
    leaf => {
      const data = allocate(leaf);
      data.set(Array.from(leaf.data as ArrayLike<unknown>, Number));
      return { ...leaf, data };
    },
    JSON.parse(text, (_, x: unknown) => (isTextArray(x) ? { ...x, data: Float64Array.from(x.data, Number) } : x)) as HostTree,
  );
};
const isTextArray = (x: unknown): x is { data: string[] } =>
  typeof x === "object" && x !== null && "data" in x && "dtype" in x && Array.isArray(x.data);

/** A tree with the keys of its objects in another order, which the numbers determine. */
export function shuffled<T extends HostTree | ValueTree>(tree: T, order: readonly number[]): T {
  if (Value.is(tree) || "dtype" in tree) return tree;
  if (Array.isArray(tree)) return tree.map((child: T) => shuffled(child, order)) as unknown as T;
  const keyed = Object.entries(tree as Record<string, T>).map(
    ([key, child], i) => [order[i % order.length] + i / 100, key, child] as const,
  );
  return Object.fromEntries(keyed.sort((a, b) => a[0] - b[0]).map(([, key, child]) => [key, shuffled(child, order)])) as unknown as T;
}
