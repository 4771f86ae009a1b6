import type { HostArray, Value } from "ufom";
import { defineProblem, grad, listed, nn, np, tree } from "ufom";
import { knob, type KnobName, type Sizes, type Theta, thetaAt, usual } from "./knobs.js";
import { outputsOf, rowLosses, type Architecture, type Layer, type Weights } from "./model.js";
import type { TuningRows } from "./rows.js";

/** What a fold is to a program. Rows that only fill it up to the length of the longest fold have weight 0. */
export type FoldTask = {
  readonly x: HostArray;
  readonly y: HostArray;
  readonly weight: HostArray;
  readonly xValidation: HostArray;
  readonly yValidation: HostArray;
  /** What each row counts in the outer loss; their sum is 1. */
  readonly weightValidation: HostArray;
  /** 1/L: the step size that a rate of 1 stands for. */
  readonly unit: HostArray;
  /** Steps over which the schedule runs. */
  readonly total: HostArray;
  readonly start: Weights;
};

/** What the tuning of a model needs to know besides its rows. */
export interface TuningShape {
  readonly architecture: Architecture;
  /** The penalty of each feature; a second layer has the one behind them. */
  readonly groups: Int32Array;
  readonly sizes: Sizes;
  /** Knobs that are learned. */
  readonly learned: readonly KnobName[];
  /** r, the most steps of a training. */
  readonly steps: number;
  /** Rows that the outer loss is a mean of. */
  readonly rows: number;
}

/** Of Nesterov's momentum. */
const momentum = 0.9;
/** The soft end of a training is so wide, as a part of its steps. */
const ending = 1 / 20;
/** Logarithms of penalties lie about their mean with this deviation, as far as is known before anything is seen: a factor of 20. */
const spread = 3;

const scalar = (x: number): HostArray => ({ shape: [], dtype: "float32", data: Float32Array.of(x) });
const hosted = (data: Float32Array, ...shape: number[]): HostArray => ({ shape, dtype: "float32", data });

/** An array with zeros behind it. */
function padded(data: Float32Array, length: number): Float32Array {
  const all = new Float32Array(length);
  all.set(data);
  return all;
}

/** The most rows of each kind among folds. */
export interface FoldSize {
  readonly train: number;
  readonly validation: number;
}

/** Rows as the arrays of a fold. */
export function foldTask(
  train: TuningRows,
  validation: TuningRows,
  size: FoldSize,
  { start, unit, total }: { readonly start: Weights; readonly unit: number; readonly total: number },
): FoldTask {
  const { width, outputs } = train;
  const sum = validation.weights.reduce((a, b) => a + b, 0);
  return {
    x: hosted(padded(train.features, size.train * width), size.train, width),
    y: hosted(padded(train.targets, size.train * outputs), size.train, outputs),
    weight: hosted(padded(new Float32Array(train.count).fill(1), size.train), size.train),
    xValidation: hosted(padded(validation.features, size.validation * width), size.validation, width),
    yValidation: hosted(padded(validation.targets, size.validation * outputs), size.validation, outputs),
    weightValidation: hosted(
      padded(
        Float32Array.from(validation.weights, w => w / sum),
        size.validation,
      ),
      size.validation,
    ),
    unit: scalar(unit),
    total: scalar(total),
    start,
  };
}

/** How long the gate of a training stays open: 1 for steps before the end, 0 behind it. */
export const gateAt = (length: number, step: number, total: number): number =>
  1 / (1 + Math.exp(-(length - (step + 0.5) / total) / ending));

/** The steps after which nothing moves any more. */
export function stepsOf(length: number, total: number): number {
  let steps = total;
  while (steps > 1 && gateAt(length, steps - 1, total) < 1e-3) steps--;
  return steps;
}

/**
 * Tuning as a bi-level problem. Inside, a model is trained for r steps of a proximal gradient descent with Nesterov's momentum on
 *
 *     1/n Σ_i u(y_i) ℓ(φ; x_i, (1 − ε) y_i + ε/c) + 1/(2n) Σ_g λ_g ‖W_g‖²
 *
 * whose second term is taken by its proximal map, so that no λ is too large for a step size. Step j has the step size ρ d^(j/r)/L and is taken as far as
 * a gate σ((s − j/r)/0.05) is open, which makes the number of steps a number with a derivative. θ is λ, ρ, d, s, u and ε; outside stands the loss of rows that
 * were not trained on, the mean over all folds, and how far log λ_g are from their mean, as a normal distribution of deviation 3 has it.
 *
 * Source of the proximal step: A. Beck and M. Teboulle, SIAM J. Imaging Sciences 2(1), 2009.
 */
export function tuningProblem(shape: TuningShape, folds: readonly FoldTask[]) {
  const { architecture, groups, sizes, learned, steps, rows } = shape,
    { kind, outputs } = architecture,
    group: HostArray = { shape: [groups.length], dtype: "int32", data: groups };
  type Knobs = Readonly<Record<string, Value>>;
  const one = (theta: Knobs, name: KnobName): Value => np.take(knob(theta, name, sizes), 0);

  /** The first term, at weights φ. */
  const fit = (theta: Knobs, layers: readonly Layer[], { x, y, weight }: { x: Value; y: Value; weight: Value }): Value => {
    const n = weight.sum(),
      output = outputsOf(layers, x);
    if (kind === "number") return rowLosses(kind, output, y).mul(weight).sum().div(n);
    const epsilon = one(theta, "smoothing"),
      target = y.mul(np.subtract(1, epsilon)).add(epsilon.div(outputs)),
      u = knob(theta, "class-weights", sizes),
      // Weights are 1 in the mean over rows, so that penalties and step sizes mean the same whatever they are.
      mean = np.matmul(weight, y).mul(u).sum().div(n);
    return rowLosses(kind, output, target).mul(weight).mul(np.matmul(y, u)).sum().div(n.mul(mean));
  };

  return defineProblem({
    name: "tuning",
    theta: (): Theta => thetaAt(usual, learned, sizes),
    task: listed(folds),
    init: (_, task) => task.start as readonly Layer[],
    inner: {
      steps,
      state: (_, phi) => ({ previous: phi }),
      step: (theta, { phi, state, step }, task) => {
        const at = step.astype(np.float32).add(0.5).div(task.total),
          rate = one(theta, "rate")
            .mul(np.exp(np.log(one(theta, "schedule")).mul(at)))
            .mul(task.unit),
          gate = nn.sigmoid(one(theta, "length").sub(at).div(ending)),
          ahead = tree.map<readonly Layer[]>((w, before) => w.add(w.sub(before).mul(momentum)), phi, state.previous),
          slope = grad((layers: readonly Layer[]) => fit(theta, layers, task))(ahead),
          penalties = knob(theta, "penalties", sizes),
          n = task.weight.sum();
        /** Of a layer: one for each of its rows, or one for all. */
        const shrink = (layer: number): Value => {
          const lambda = layer === 0 ? np.take(penalties, group).reshape([groups.length, 1]) : np.take(penalties, sizes.penalties - 1);
          return np.divide(1, rate.mul(lambda).div(n).add(1));
        };
        const next = ahead.map(({ w, b }, i) => ({
          w: w.sub(slope[i].w.mul(rate)).mul(shrink(i)),
          b: b.sub(slope[i].b.mul(rate)),
        }));
        return { phi: tree.map<readonly Layer[]>((w, to) => w.add(to.sub(w).mul(gate)), phi, next), state: { previous: phi } };
      },
    },
    outer: (theta, phi, task) => {
      const loss = rowLosses(kind, outputsOf(phi, task.xValidation), task.yValidation).mul(task.weightValidation).sum();
      if (!learned.includes("penalties") || sizes.penalties === 1) return loss;
      const logs = theta.penalties;
      return loss.add(
        np
          .square(logs.sub(logs.mean()))
          .sum()
          .div(2 * spread * spread * rows),
      );
    },
  });
}
export type TuningProblem = ReturnType<typeof tuningProblem>;
