import { convert } from "../../tensor/np/promote.js";
import type { Value } from "../../tensor/value.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Formula, Machine, State } from "../evaluation/machine.js";
import type { LeafBuffers } from "../estimators/estimator.js";
import type { Buffer } from "../../executors/executor.js";

// The mean over tasks: sums in float64 in the order of the tasks, so that it does not depend on who computed them, or when.

const wide = (x: Value): Value => convert(x, "float64");

/** x₁ in float64. */
export const firstSum: Formula = { name: "first sum", of: xs => xs.map(wide) };

/** (s, x) ↦ s + x in float64. */
export const nextSum: Formula = { name: "next sum", of: (sums, xs) => sums.map((s, i) => s.add(wide(xs[i]))) };

const means = new Map<number, Formula>();

/** (s, y) ↦ s/n: the first in float64, the others in the dtypes of y. */
export function meanOf(n: number): Formula {
  let mean = means.get(n);
  if (!mean) {
    const of: Formula["of"] = ([loss, ...sums], likes) => [loss.div(n), ...sums.map((s, i) => convert(s.div(n), likes[i].dtype))];
    means.set(n, (mean = { name: `mean of ${n}`, of }));
  }
  return mean;
}

/** Leaves that one of several gradients has. */
export function leavesOf(gradients: readonly LeafBuffers[]): number[] {
  const leaves: number[] = [],
    most = Math.max(0, ...gradients.map(({ length }) => length));
  for (let leaf = 0; leaf < most; leaf++) if (gradients.some(gradient => gradient[leaf])) leaves.push(leaf);
  return leaves;
}

/** The loss, then some leaves of a gradient, zeros for those that it has not. */
export const summands = (
  loss: Buffer,
  gradient: LeafBuffers,
  leaves: readonly number[],
  zeros: (leaf: number) => Buffer,
): readonly Buffer[] => [loss, ...leaves.map(leaf => gradient[leaf] ?? zeros(leaf))];

/** A gradient by leaf from a list of its leaves. */
export function byLeaf<T>(leaves: readonly number[], buffers: readonly T[]): (T | undefined)[] {
  const gradient: (T | undefined)[] = [];
  leaves.forEach((leaf, k) => (gradient[leaf] = buffers[k]));
  return gradient;
}

/** Zeros like a leaf of θ, in an executor's memory. */
export const zerosIn =
  (compiled: CompiledProblem) =>
  (leaf: number): Buffer =>
    compiled.constant(compiled.programs.zeros(leaf));

/** The mean over tasks, call by call. */
export class RunningSum {
  #count = 0;
  #leaves: readonly number[] = [];
  #sums: State = [];
  readonly #zeros: (leaf: number) => Buffer;

  /** @param machine what the sums live in */
  constructor(
    compiled: CompiledProblem,
    private readonly machine: Machine,
  ) {
    this.#zeros = zerosIn(compiled);
  }

  /** Adds what one task gave. Leaves that no task before it had a gradient for were zero in all of them. */
  async add(loss: Buffer, gradient: LeafBuffers): Promise<void> {
    const { machine } = this,
      leaves = leavesOf([byLeaf(this.#leaves, this.#sums.slice(1)), gradient]),
      missing = leaves.filter(leaf => !this.#leaves.includes(leaf)),
      values = summands(loss, gradient, leaves, this.#zeros);
    if (this.#count++ === 0) this.#sums = await machine.run(firstSum, values);
    else {
      const before = byLeaf(this.#leaves, this.#sums.slice(1)),
        fresh = missing.length ? await machine.run(firstSum, missing.map(this.#zeros)) : [];
      missing.forEach((leaf, k) => (before[leaf] = fresh[k]));
      const old = [this.#sums[0], ...leaves.map(leaf => before[leaf]!)];
      this.#sums = await machine.run(nextSum, old, values);
      machine.release(old);
    }
    this.#leaves = leaves;
  }

  async mean(): Promise<{ readonly loss: Buffer; readonly gradient: LeafBuffers }> {
    const [loss, ...mean] = await this.machine.run(meanOf(this.#count), this.#sums, this.#leaves.map(this.#zeros));
    return { loss, gradient: byLeaf(this.#leaves, mean) };
  }
}
