import * as np from "../../tensor/np/index.js";
import { jvp, vmap } from "../../tensor/transform.js";
import type { ValueTree } from "../../tensor/tree.js";
import * as tree from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import type { Formula } from "../evaluation/machine.js";
import type { Definition } from "../problem/definitions.js";
import type { InnerState } from "../problem/functions.js";

/** Programs with the tangents of a block of unit directions of θ, counted over all numbers of its leaves: from number `first`, so many as the block is long. */
export interface BlockDefinitions {
  /** (θ, T, first) ↦ (x₀, ẋ₀), ẋ with one row a direction. */
  readonly start: Definition;
  /** (θ, x, T, j, first, ẋ) ↦ (Φ_j, Φ̇_j). */
  readonly step: Definition;
  /** (θ, x, T, first, ẋ) ↦ (L_out, L̇_out). */
  readonly end: Definition;
}

const asTree = (x: InnerState) => x as unknown as ValueTree;
type Pair = [theta: ValueTree, x: ValueTree];

/** Unit directions `first`, `first` + 1, … of θ, one above another; zero beyond the last. */
function units(theta: ValueTree, first: Value, size: number): ValueTree {
  const row = np.arange(size).add(first).reshape([size, 1]);
  let offset = 0;
  return tree.map(leaf => {
    const length = leaf.shape.reduce((n, d) => n * d, 1),
      column = np.arange(length).add(offset);
    offset += length;
    return np
      .equal(row, column)
      .astype(leaf.dtype)
      .reshape([size, ...leaf.shape]);
  }, theta);
}

function define(size: number): BlockDefinitions {
  const stacked = { stacked: "x", size } as const;
  return {
    start: {
      name: `start with ${size} tangents`,
      args: { theta: "theta", task: "task", first: "step" },
      of: problem => (theta: ValueTree, task: ValueTree, first: Value) => {
        const init = (t: ValueTree) => asTree(problem.init(t, task)),
          along = (direction: ValueTree) => jvp(init, theta, direction)[1];
        return [init(theta), vmap(along as never)(units(theta, first, size))];
      },
    },
    step: {
      name: `step with ${size} tangents`,
      args: { theta: "theta", x: "x", task: "task", step: "step", first: "step", tangents: stacked },
      counts: { step: 1, product: size },
      of: problem => (theta: ValueTree, x: ValueTree, task: ValueTree, j: Value, first: Value, tangents: ValueTree) => {
        const step = ([t, z]: Pair) => asTree(problem.step(t, z as unknown as InnerState, task, j)),
          along = (dTheta: ValueTree, dX: ValueTree) => jvp(step as never, [theta, x] as never, [dTheta, dX] as never)[1];
        return [step([theta, x]), vmap(along as never)(units(theta, first, size), tangents)];
      },
    },
    end: {
      name: `outer with ${size} tangents`,
      args: { theta: "theta", x: "x", task: "task", first: "step", tangents: stacked },
      counts: "outer",
      of: problem => (theta: ValueTree, x: ValueTree, task: ValueTree, first: Value, tangents: ValueTree) => {
        const loss = ([t, z]: Pair) => problem.outer(t, z as unknown as InnerState, task),
          along = (dTheta: ValueTree, dX: ValueTree) => jvp(loss as never, [theta, x] as never, [dTheta, dX] as never)[1];
        return [loss([theta, x]), vmap(along as never)(units(theta, first, size), tangents)];
      },
    },
  };
}

const known = new Map<number, BlockDefinitions>();

/** The programs for blocks of a size; always the same ones. */
export function blockDefinitions(size: number): BlockDefinitions {
  let made = known.get(size);
  if (!made) known.set(size, (made = define(size)));
  return made;
}

/** (L̇ of all blocks, θ) ↦ the gradient: one number after another in the leaves of θ. */
export const gatherSlopes: Formula = {
  name: "gather slopes",
  of(slopes, theta) {
    const all = slopes.length > 1 ? np.concatenate(slopes) : slopes[0];
    let offset = 0;
    return theta.map(leaf => {
      const from = offset;
      offset += leaf.shape.reduce((n, d) => n * d, 1);
      return all.slice([from, offset]).reshape(leaf.shape).astype(leaf.dtype);
    });
  },
};
