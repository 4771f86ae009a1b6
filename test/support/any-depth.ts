// An estimator with as many plans as there are depths.
import { outer } from "../../src/core/problem/definitions.js";
import { certain, type Choice, type Estimator } from "../../src/index.js";

/** The choice of a depth. */
export const atDepth = (depth: number): Choice => ({ ...certain, plan: { depth } });

/** The loss, and its own gradient, at a depth that is drawn: a plan for each. */
export const anyDepth = (most: number): Estimator => ({
  name: "any depth",
  facts: { bias: "none", random: true, oneTask: false, states: () => 1 },
  init: () => null,
  draw: (_, random) => atDepth(1 + random.integer(most)),
  outcomes: () => [],
  observe: state => state,
  async evaluate(place, plan) {
    const { depth } = plan as { depth: number },
      x = await place.unroll(await place.init(), 1, depth),
      { loss, theta } = await place.outer(x),
      gradient: (typeof theta)[number][] = [];
    place.machine.programs.of(outer).leaves.forEach((leaf, k) => (gradient[leaf] = theta[k]));
    return { loss, gradient };
  },
});
