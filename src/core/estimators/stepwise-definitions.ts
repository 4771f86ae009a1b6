import * as np from "../../tensor/np/index.js";
import { grad } from "../../tensor/transform.js";
import type { ValueTree } from "../../tensor/tree.js";
import * as tree from "../../tensor/tree.js";
import type { Type } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { Formula } from "../evaluation/machine.js";
import type { Definition } from "../problem/definitions.js";
import type { InnerState } from "../problem/functions.js";
import { inner } from "./inner-products.js";

const weight: Type = { shape: [], dtype: "float64" };
const asTree = (x: InnerState) => x as unknown as ValueTree;

/** (θ, x, T, j, u) ↦ C_jᵀu, C_j the Jacobian of step j at x with a gradient of zero: what is left of a step that is passed over. */
export const passedOver: Definition = {
  name: "passedOver",
  args: { theta: "theta", x: "x", task: "task", step: "step", u: "x" },
  of:
    problem =>
    (theta: ValueTree, x: InnerState, task: ValueTree, j: Value, u: InnerState): ValueTree =>
      grad((z: ValueTree) => problem.gradientFreeProduct(theta, z as unknown as InnerState, task, j, u))(asTree(x)),
};

/** (θ, x, T, j, x̂, w, u, g) ↦ (C_jᵀu + w (J_j − C_j)ᵀu, g + w (∂Φ_j/∂θ)ᵀu), J_j at x and C_j at x̂. */
export const weightedPullback: Definition = {
  name: "weightedPullback",
  args: { theta: "theta", x: "x", task: "task", step: "step", near: "x", weight: { w: weight }, u: "x" },
  counts: "product",
  gradient: "accumulated",
  of:
    problem =>
    (
      theta: ValueTree,
      x: InnerState,
      task: ValueTree,
      j: Value,
      near: InnerState,
      { w }: { readonly w: Value },
      u: InnerState,
    ): readonly [ValueTree, ValueTree] => {
      type At = readonly [theta: ValueTree, x: InnerState, near: InnerState];
      const product = ([t, z, n]: At) => problem.weightedProduct(t, [z, n], task, j, u, w),
        [gTheta, gX, gNear] = grad(product as never)([theta, x, near] as never) as unknown as [ValueTree, ValueTree, ValueTree];
      return [tree.map((a, b) => a.add(b), gX, gNear), gTheta];
    },
};

/** (θ, x, T, j, x̂, u) ↦ (C_j − J_j)ᵀu: for gradient descent α ∂²_{φφ}L_in u. */
export const deviation: Definition = {
  name: "deviation",
  args: { theta: "theta", x: "x", task: "task", step: "step", near: "x", u: "x" },
  counts: "product",
  of:
    problem =>
    (theta: ValueTree, x: InnerState, task: ValueTree, j: Value, near: InnerState, u: InnerState): ValueTree => {
      type At = readonly [x: InnerState, near: InnerState];
      // A weight of −1 gives (2C − J)ᵀu.
      const product = (at: At) => problem.weightedProduct(theta, at, task, j, u, np.array(-1)),
        [gX, gNear] = grad(product as never)([x, near] as never) as unknown as [ValueTree, ValueTree],
        passed = grad((z: ValueTree) => problem.gradientFreeProduct(theta, z as unknown as InnerState, task, j, u))(asTree(near));
      return tree.map((a, b, c) => a.add(b).sub(c), gX, gNear, passed);
    },
};

/** (Cᵀu, u′, g, g′, u) ↦ (‖Cᵀu − u′‖², ‖g′ − g‖², ‖u‖²) in float64. */
export const visitMoments: Formula = {
  name: "visit moments",
  of(passed, next, before, after, u) {
    const moved = passed.map((x, i) => x.sub(next[i])),
      gained = after.map((x, i) => x.sub(before[i]));
    return [np.stack([inner(moved, moved), inner(gained, gained), inner(u, u)])];
  },
};

/** Lists ↦ their squared norms, one after another, in float64. */
export const squares: Formula = { name: "squares", of: (...lists) => [np.stack(lists.map(list => inner(list, list)))] };
