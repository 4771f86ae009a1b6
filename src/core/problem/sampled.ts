import { evaluateProgram } from "../../program/evaluate.js";
import { optimize } from "../../program/passes/index.js";
import type { Program } from "../../program/program.js";
import { fail } from "../../tensor/error.js";
import { convert } from "../../tensor/np/promote.js";
import * as draws from "../../tensor/random.js";
import { trace } from "../../tensor/trace.js";
import type { ValueTree } from "../../tensor/tree.js";
import { leaves } from "../../tensor/tree.js";
import type { FloatType, HostArray, HostTree, TreeOf, Type } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { stream } from "../random/index.js";
import { checkTrace } from "./same-trace.js";
import { rebuildLike } from "../trees/host-leaves.js";

const brand = Symbol.for("ufom.sampled");

/** The tree of host arrays that a tree of values stands for. */
export type Hosted<T> = T extends Value ? HostArray : { -readonly [K in keyof T]: Hosted<T[K]> };

/** The same of any tree; any tree of host arrays for ValueTree itself, whose recursion has no end. */
export type HostedTree<T> = ValueTree extends T ? HostTree : Hosted<T>;

/** A task that a program draws from a random key; made by {@link sampled}. */
export interface SampledTask<TK = unknown> {
  readonly [brand]: (key: Value) => ValueTree;
  /** Only a type: what a draw is on the host. */
  readonly drawn?: TK;
}

/**
 * A task that is drawn where it is used: T = draw(key), traced once. A run needs no numbers from the host then, and makes many outer steps in a
 * row. The numbers are drawn in float32, whatever the precision of the run.
 *
 * @param draw from a key (int32[2]) that belongs to the seed, the outer step and the place in the meta-batch: a tree of values
 *
 * @example
 * const task = sampled(key => ({ x: random.normal(key, [10, 1]), slope: random.uniform(random.foldIn(key, 1), []) }));
 */
export const sampled = <T extends TreeOf<Value, T>>(draw: (key: Value) => T): SampledTask<Hosted<T>> => {
  if (typeof draw !== "function") fail("sampled", "takes a function from a random key to a tree of values", typeof draw);
  return { [brand]: draw };
};

export const isSampled = (task: unknown): task is SampledTask => typeof task === "object" && task !== null && brand in task;

const key: Type = { shape: [2], dtype: "int32" },
  scalar: Type = { shape: [], dtype: "int32" };

/** How a problem's tasks are drawn by a program. */
export class Sampler {
  readonly #draw: (key: Value) => ValueTree;
  #host: { readonly program: Program; readonly types: unknown } | undefined;

  constructor(task: SampledTask) {
    this.#draw = task[brand];
  }

  /** (key of the seed, steps done, place in the meta-batch) ↦ the task of the next step, as leaves of some types. */
  program(types?: readonly Type[]): { readonly program: Program; readonly types: unknown } {
    const of = (seed: Value, done: Value, index: Value) => {
      const own = draws.foldIn(draws.foldIn(seed, done.add(1)), index),
        task = checkTrace(this, "sampled's function", { differentiated: [], others: [own] }, this.#draw(own));
      return types ? leaves(task).map((leaf, i) => convert(leaf, types[i].dtype)) : task;
    };
    const precision: FloatType = "float32",
      { program, output } = trace(of, [key, scalar, scalar], precision, ["key", "done", "index"]);
    return { program: optimize(program), types: output };
  }

  /** The key that belongs to a seed. */
  key(seed: number): HostArray {
    return stream(seed, "task").key();
  }

  /** The task of a step and a place on the host, by the operations' own rules. */
  task(seed: number, step: number, index: number): HostTree {
    const { program, types } = (this.#host ??= this.program()),
      whole = (n: number): HostArray => ({ shape: [], dtype: "int32", data: Int32Array.of(n) }),
      values = evaluateProgram(program, [this.key(seed), whole(step - 1), whole(index)]);
    return rebuildLike(
      types,
      program.outputs.map(o => values[o]),
    );
  }
}
