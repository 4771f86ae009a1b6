import { defineProblem, f32, np } from "../../src/index.js";

/** φ ← φ − 10⁻⁶(φ − y) from θ on, so often. */
export const longLoop = (steps: number) =>
  defineProblem({
    theta: () => f32([1, 2]),
    task: () => f32([0, 0]),
    init: theta => theta,
    inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum().mul(0.5), rate: 1e-6, steps },
    outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
  });
