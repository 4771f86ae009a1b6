import { convert } from "../../tensor/np/promote.js";
import * as np from "../../tensor/np/index.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import { estimate } from "../batch/estimate.js";
import type { Counts } from "../counts.js";
import { addCounts, noCounts } from "../counts.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import { certain } from "../estimators/estimator.js";
import { inner } from "../estimators/inner-products.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import { sweepEstimator } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Formula, State } from "../evaluation/machine.js";
import type { Pauses } from "../evaluation/pauses.js";
import { pullback } from "../problem/definitions.js";
import type { ProblemPrograms } from "../problem/programs.js";
import { stream } from "../random/index.js";
import type { Sweep } from "../unroll/pass.js";
import { reverseSweep } from "../unroll/sweeps.js";
import type { Quantity } from "./bootstrap.js";
import { quantity, resampled } from "./bootstrap.js";
import { KINDS } from "./inner-products.js";
import { panelOf } from "./panel.js";
import type { Point } from "./points.js";
import { momentsOf, ratioOf } from "./quantities.js";
import { PointSample } from "./sample.js";
import type { Tasks } from "./tasks.js";

/** An inner step, and what it does to the gradient. */
export interface StepResult {
  /** j, from 1. */
  readonly step: number;
  /** α_j λ_max,j: the largest |eigenvalue| of A_j = α_j ∂²_{φφ}L_in(φ_{j−1}); the mean over tasks and θ, with the smallest and the largest. */
  readonly curvature: Quantity;
  /** a_j²/V²: how far the exact gradient moves if the products of this step are left out, E‖G − G_without j‖²/V². */
  readonly dropped: Quantity;
}

/** So many power iterations: within a few per cent where the two largest eigenvalues differ by a tenth. */
const ITERATIONS = 12;

/** (v, u) ↦ (d/‖d‖, ‖d‖) for d = v − u = A v with u = (I − A)v; zeros stay zeros. */
const iteration: Formula = {
  name: "power iteration",
  of(v, u) {
    const d = v.map((x, i) => x.sub(u[i])),
      length = np.sqrt(inner(d, d)),
      by = np.where(length.equal(0), 1, length);
    return [d.map(x => convert(convert(x, "float64").div(by), x.dtype)), length];
  },
};

/** Steps evenly apart, the first and the last among them. */
export const sampledSteps = (r: number, wanted: number): number[] => [
  ...new Set(Array.from({ length: Math.min(r, wanted) }, (_, i) => 1 + Math.round((i * (r - 1)) / Math.max(1, Math.min(r, wanted) - 1)))),
];

/** Whether inner steps are x − A-like: gradient descent with one step size, whose sweep is linear. */
export const isDescent = (programs: ProblemPrograms): boolean => programs.symmetricStep && programs.sweptClip === undefined;

/** Largest |eigenvalues| of A_j at some steps, by power iteration with the step's own products. */
function curvatureOf({ programs }: CompiledProblem, steps: readonly number[], seed: number): Estimator {
  const random = stream(seed, "diagnosis's power iteration"),
    first = programs.state.map(({ shape, dtype }): HostArray => {
      const { data } = random.normal(shape);
      return { shape, dtype, data: dtype === "float64" ? Float64Array.from(data) : data };
    });
  return {
    name: `curvature at ${steps.join(",")}`,
    facts: { bias: "no gradient", random: false, states: () => 1 },
    init: () => null,
    draw: () => certain,
    async evaluate(at) {
      const { machine } = at,
        zeros = at.zeros(programs.of(pullback).leaves),
        carry: Record<string, State> = {};
      let x = await at.init(),
        done = 0;
      for (const j of steps) {
        if (j - 1 > done) x = await at.unroll(x, done + 1, j - 1);
        done = j - 1;
        let v: State = first.map(array => machine.constant(array));
        for (let k = 0; k < ITERATIONS; k++) {
          const moved = await at.pullback(x, j, v, zeros),
            next = await machine.run(iteration, v, moved.u);
          machine.release([...moved.u, ...moved.g]);
          if (k > 0) machine.release(v);
          v = next.slice(0, v.length);
          carry[String(j)] = [next[v.length]];
        }
      }
      if (machine.steps > done) x = await at.unroll(x, done + 1);
      return { loss: (await at.outer(x)).loss, gradient: [], carry };
    },
  };
}

/** The exact sweep, but for one step, which it passes by. */
const without = (j: number, target: SweepEstimator): SweepEstimator =>
  sweepEstimator({
    name: `exact without step ${j}`,
    bias: "truncation",
    memory: target.memory,
    sweep(steps): Sweep {
      const whole = reverseSweep(steps);
      return {
        ...whole,
        begin(place, u) {
          const iterator = whole.begin(place, u);
          return { visit: (x, step, kept) => (step === j ? undefined : iterator.visit(x, step, kept)), end: () => iterator.end() };
        },
      };
    },
  });

/** What is looked at along the loop. */
export interface LoopPlan {
  readonly target: SweepEstimator;
  /** How many inner steps. */
  readonly steps: number;
  readonly points: readonly Point[];
  readonly tasks: Tasks;
  /** How many tasks at each point. */
  readonly each: number;
  readonly seed: number;
  readonly alone: boolean;
}

/** Curvature and what is dropped, at steps along the loop. */
export async function alongLoop(
  compiled: CompiledProblem,
  { target, steps: wanted, points, tasks, each, seed, alone }: LoopPlan,
  pauses: Pauses,
): Promise<{ readonly steps: readonly StepResult[]; readonly counts: Counts }> {
  const steps = sampledSteps(compiled.steps, wanted),
    panel = panelOf(
      compiled,
      target,
      steps.map(j => without(j, target)),
    ),
    power = curvatureOf(compiled, steps, seed),
    lengths = steps.map((): number[] => []),
    samples: PointSample[] = [];
  let counts = noCounts;
  const choice = certain as Choice;
  for (const [k, { theta }] of points.entries()) {
    const sample = new PointSample(steps.length, compiled.programs.thetaTypes.length, false, 1);
    for (let i = 0; i < each; i++) {
      const task: HostTree = await tasks.at(k, i),
        seen = await panel.at(theta, task, pauses),
        found = await estimate(compiled, power, theta, { task, choice }, pauses);
      sample.add([seen.target, ...seen.candidates]);
      steps.forEach((j, at) => lengths[at].push(found.carry[String(j)][0].data[0]));
      counts = addCounts(addCounts(counts, seen.estimate.counts), found.counts);
    }
    samples.push(sample);
  }
  const random = stream(seed, "diagnosis's resamples along the loop"),
    moments = resampled(samples, { length: steps.length * KINDS, count: 400, by: alone ? "points" : "tasks", random });
  return {
    steps: steps.map((step, i) => ({
      step,
      curvature: {
        value: lengths[i].reduce((a, b) => a + b, 0) / lengths[i].length,
        low: Math.min(...lengths[i]),
        high: Math.max(...lengths[i]),
      },
      dropped: quantity(moments, means => ratioOf(momentsOf(means, steps.length, i))),
    })),
    counts,
  };
}

/** Inner steps, products and outer gradients that looking at one θ and task takes: the exact sweep, one that passes by each step, and power iterations. */
export function evaluationsAlong({ steps: r }: CompiledProblem, { memory }: SweepEstimator, wanted: number): number {
  const n = Math.min(wanted, r),
    sweeps = r + memory.extraSteps(r) + r + n * (r - 1) + 1,
    iterations = r + ITERATIONS * n + 1;
  return sweeps + iterations;
}

/** A figure of each of r steps, from those that were looked at: on straight lines between them. */
export function eachStep(steps: readonly StepResult[], r: number, of: (step: StepResult) => number): number[] {
  return Array.from({ length: r }, (_, i) => {
    const after = steps.findIndex(({ step }) => step >= i + 1);
    if (after <= 0) return of(steps[after < 0 ? steps.length - 1 : 0]);
    const [a, b] = [steps[after - 1], steps[after]];
    return of(a) + ((i + 1 - a.step) / (b.step - a.step)) * (of(b) - of(a));
  });
}

/**
 * The part of the products that one coin a step needs at least, as p_j ≥ α_j λ_max,j keeps its variance from exploding: the mean of min(1, α_j λ_max,j)
 * over the steps, from those that were looked at.
 */
export function leastProducts(steps: readonly StepResult[]): number {
  let [sum, weight] = [0, 0];
  for (let i = 1; i < steps.length; i++) {
    const [a, b] = [steps[i - 1], steps[i]],
      at = ({ curvature }: StepResult) => Math.min(1, curvature.high),
      width = b.step - a.step;
    sum += (width * (at(a) + at(b))) / 2;
    weight += width;
  }
  return weight === 0 ? Math.min(1, steps[0]?.curvature.high ?? 0) : sum / weight;
}
