import { grad, jvp } from "../../tensor/transform.js";
import type { ValueTree } from "../../tensor/tree.js";
import * as tree from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import type { Definition } from "../problem/definitions.js";
import type { InnerState } from "../problem/functions.js";

/** (θ, x, T, j, u) ↦ ((I − ∂Φ_j/∂x)ᵀu, (∂Φ_j/∂θ)ᵀu): for gradient descent α ∂²_{φφ}L_in u and −α (∂²_{θφ}L_in)ᵀu. */
export const residualPullback: Definition = {
  name: "residualPullback",
  args: { theta: "theta", x: "x", task: "task", step: "step", u: "x" },
  counts: "product",
  gradient: "new",
  of:
    problem =>
    (theta: ValueTree, x: InnerState, task: ValueTree, j: Value, u: InnerState): readonly [ValueTree, ValueTree] => {
      const product = ([t, z]: readonly [ValueTree, InnerState]) => problem.residualProduct(t, z, task, j, u).neg(),
        [gTheta, gX] = grad(product as never)([theta, x] as never) as unknown as [ValueTree, ValueTree];
      return [tree.map(v => v.neg(), gX), gTheta];
    },
};

/** (θ, x, T, j, v) ↦ (I − ∂Φ_j/∂x) v. */
export const residualTangent: Definition = {
  name: "residualTangent",
  args: { theta: "theta", x: "x", task: "task", step: "step", v: "x" },
  counts: "product",
  of:
    problem =>
    (theta: ValueTree, x: ValueTree, task: ValueTree, j: Value, v: ValueTree): ValueTree => {
      const step = (z: ValueTree) => problem.step(theta, z as unknown as InnerState, task, j) as unknown as ValueTree;
      return tree.map((a, b) => a.sub(b), v, jvp(step, x, v)[1]);
    },
};
