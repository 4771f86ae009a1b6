import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { sizeOf } from "../../tensor/types.js";
import type { Buffer } from "../../executors/executor.js";
import type { ProblemPrograms } from "../problem/programs.js";
import type { Choice, Estimator } from "./estimator.js";
import { certain } from "./estimator.js";
import type { BlockDefinitions } from "./forward-definitions.js";
import { blockDefinitions, gatherSlopes } from "./forward-definitions.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { refuseSweptClip } from "./swept-clip.js";

/** How forward mode goes through the directions of θ. */
export interface ForwardOptions {
  /** How many tangents are carried at once, a whole number of at least 1; 16 if not given. */
  readonly block?: number;
}

const forwardKeys: KeysOf<ForwardOptions> = { block: true };
const USUAL_BLOCK = 16;
/** More numbers than this take more than this many products an inner step; `exact` takes one. */
const MOST_NUMBERS = 1000;

/** How the p numbers of θ are divided: into as few blocks as the size allows, of one size. */
function blocksOf({ thetaTypes }: ProblemPrograms, most: number): { count: number; size: number; programs: BlockDefinitions } {
  const numbers = numbersOf(thetaTypes),
    count = Math.ceil(numbers / most),
    size = Math.ceil(numbers / count);
  return { count, size, programs: blockDefinitions(size) };
}
const numbersOf = (types: ProblemPrograms["thetaTypes"]): number => types.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/**
 * The exact hypergradient by forward mode, for few numbers θ_i: tangents ẋ = ∂x/∂θ_i are carried along with the inner loop,
 *
 *     ẋ₀ = ∂V/∂θ_i,  ẋ_j = ∂Φ_j/∂x ẋ_{j−1} + ∂Φ_j/∂θ_i,  ∂M/∂θ_i = ∂L_out/∂x ẋ_r + ∂L_out/∂θ_i
 *
 * Nothing has to be kept for a way back: one state, and the tangents of a block of directions, for every r. A pass over the inner loop carries one
 * block, so p numbers take ⌈p/block⌉ passes and p products an inner step, where `exact` takes one.
 *
 * @param options.block how many tangents are carried at once (16): larger blocks repeat fewer inner steps and take more memory
 * @throws UfomError if the block is not a whole number of at least 1; its check refuses a θ of more than 1,000 numbers
 *
 * @example
 * import { defineProblem, f32, forward, hypergradient, np } from "ufom";
 * const problem = defineProblem({
 *   theta: () => f32([-1, -2]), // log step size, log penalty
 *   task: random => random.normal([3]),
 *   init: () => np.zeros([3]),
 *   inner: {
 *     loss: (theta, w, y) => np.square(w.sub(y)).sum().add(np.exp(np.take(theta, 1)).mul(np.square(w).sum())),
 *     rate: theta => np.exp(np.take(theta, 0)),
 *     steps: 1000,
 *   },
 *   outer: (_, w, y) => np.square(w.sub(y)).sum(),
 * });
 * const { gradient, peakStates } = await hypergradient(problem, { estimator: forward() });
 *
 * Source: Franceschi, Donini, Frasconi, Pontil, Forward and reverse gradient-based hyperparameter optimization, ICML 2017.
 */
export function forward(options?: ForwardOptions): Estimator<null, Choice<null, Record<never, never>>> {
  const { block = USUAL_BLOCK } = checkOptions("forward", options, forwardKeys);
  if (!Number.isInteger(block) || block < 1) fail("forward", "takes a block of a whole number of at least 1", `${block}`);
  return {
    name: block === USUAL_BLOCK ? "forward" : `forward:block=${block}`,
    facts: { bias: "none", random: false, states: () => 1 },
    check({ programs }) {
      refuseSweptClip("forward", programs);
      const numbers = numbersOf(programs.thetaTypes);
      if (numbers > MOST_NUMBERS)
        fail(
          "forward",
          `is meant for few numbers, at most ${MOST_NUMBERS}, as each takes a product an inner step (exact takes one for all of them)`,
          `a θ of ${numbers}`,
        );
    },
    init: () => null,
    draw: () => certain,
    outcomes: () => [certain],
    async evaluate(at) {
      const { machine, theta, task } = at,
        { count, size, programs } = blocksOf(machine.programs, block),
        n = machine.programs.state.length,
        slopes: Buffer[] = [];
      let loss: Buffer | undefined;
      for (let b = 0; b < count; b++) {
        // Numbers are counted from 0, as steps are.
        const first = [at.index(1 + b * size)];
        const start = await machine.run(programs.start, theta, task, first),
          held = await machine.iterate(start, 1, machine.steps, (x, j) =>
            machine.run(programs.step, theta, x.slice(0, n), task, [at.index(j)], first, x.slice(n)),
          );
        const [found, along] = await machine.run(programs.end, theta, held.slice(0, n), task, first, held.slice(n));
        machine.release(held);
        slopes.push(along);
        if (loss) machine.release([found]);
        else loss = found;
      }
      return { loss: loss!, gradient: await machine.run(gatherSlopes, slopes, theta) };
    },
    work(problem) {
      const { count, programs } = blocksOf(problem.programs, block),
        { start, step, end } = programs;
      return { deterministic: count * (problem.work(start) + problem.steps * problem.work(step) + problem.work(end)), random: 0 };
    },
  };
}

export const forwardSpelling: EstimatorSpelling = {
  spelling: "forward[:block=B]",
  summary: "the exact gradient by forward mode, for few numbers: one state for every r, a product for each number and inner step",
  examples: ["forward", "forward:block=3"],
  parse(text) {
    const rest = after("forward", text);
    if (rest === undefined) return undefined;
    const [, block] = /^(?:block=(\d+))?$/.exec(rest) ?? fail("forward", "is spelled forward or forward:block=B", JSON.stringify(text));
    return forward((block as string | undefined) === undefined ? {} : { block: Number(block) });
  },
};
