import { allocate } from "../../tensor/types.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import { noCounts } from "../counts.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Random } from "../random/index.js";
import { stream } from "../random/index.js";
import { studentQuantile } from "../random/student-quantile.js";
import { adaptWith } from "../solve/adapt.js";
import { leaves, mapTree } from "../trees/host-tree.js";
import type { Quantity } from "./bootstrap.js";
import type { DiagnoseOptions } from "./options.js";
import type { Point } from "./points.js";
import type { Tasks } from "./tasks.js";

/**
 * How steadily the end of the inner loop answers to θ, from −1 to 1: mean over tasks and directions, with a 95 % interval of Student's.
 *
 * Source: L. Engstrom, A. Ilyas, B. Chen, A. Feldmann, W. Moses, A. Mądry, Optimizing ML Training with Metagradient Descent, 2025 (arXiv 2503.13751),
 * definition 2.
 */
export interface Metasmoothness extends Quantity {
  /** The length of the two steps: each leaf of θ moves by h times its root mean square in a random direction. */
  readonly h: number;
  /** Tasks and directions. */
  readonly draws: number;
}

/** Of θ; so large that float32 tells the ends apart. */
const H = 0.01;
/** Draws at the first and the last θ. */
const DRAWS = 4;
/** What this may take, in units of `effortOf`. */
const EFFORT = 5e9;

/**
 * Σ_i w_i·sign(φ_h − φ_0)_i·sign(φ_2h − φ_h)_i with w = |φ_2h − φ_0|/‖φ_2h − φ_0‖₁: 1 where every number of φ_r keeps going the way it went, −1 where
 * all turn back. NaN where θ does not move φ_r.
 */
export function signAgreement(at: HostTree, once: HostTree, twice: HostTree): number {
  let [sum, weight] = [0, 0];
  const [first, second, third] = [at, once, twice].map(leaves);
  first.forEach(({ data }, leaf) => {
    for (let i = 0; i < data.length; i++) {
      const [a, b, c] = [data[i], second[leaf].data[i], third[leaf].data[i]],
        moved = Math.abs(c - a);
      weight += moved;
      sum += moved * Math.sign(b - a) * Math.sign(c - b);
    }
  });
  return sum / weight;
}

/** A random direction: of each leaf normal numbers times its root mean square, or plain ones where it is zero. */
export const directionOf = (theta: HostTree, random: Random): HostTree =>
  mapTree(({ shape, dtype, data }: HostArray): HostArray => {
    let square = 0;
    for (let i = 0; i < data.length; i++) square += data[i] * data[i];
    const size = Math.sqrt(square / Math.max(1, data.length)) || 1,
      v = allocate({ shape, dtype }),
      normal = random.normal(shape).data;
    for (let i = 0; i < v.length; i++) v[i] = size * normal[i];
    return { shape, dtype, data: v };
  }, theta);

/** θ + h·v. */
export function moved(theta: HostTree, direction: HostTree, h: number): HostTree {
  const vs = leaves(direction);
  let leaf = 0;
  return mapTree(({ shape, dtype, data }: HostArray): HostArray => {
    const v = vs[leaf++].data,
      out = allocate({ shape, dtype });
    for (let i = 0; i < out.length; i++) out[i] = data[i] + h * v[i];
    return { shape, dtype, data: out };
  }, theta);
}

/** What is looked at, and what is left for it. */
interface SmoothnessGrounds {
  readonly compiled: CompiledProblem;
  readonly points: readonly Point[];
  readonly tasks: Tasks;
  readonly seed: number;
  /** Whether there is one task only. */
  readonly alone: boolean;
  /** The effort of an inner step. */
  readonly unit: number;
  readonly left: { readonly seconds: number; readonly evaluations: number };
}

/** Measures metasmoothness at the first and the last θ, if that is asked for and not too dear. */
export async function metasmoothness(
  { compiled, points, tasks, seed, alone, unit, left }: SmoothnessGrounds,
  { metasmoothness: asked = true, signal, progress }: DiagnoseOptions,
): Promise<{ readonly found?: Metasmoothness; readonly counts: Counts; readonly notes: readonly string[] }> {
  const r = compiled.steps,
    ends = points.length > 1 ? [points[0], points[points.length - 1]] : points,
    draws = DRAWS * ends.length,
    none = (...notes: string[]) => ({ counts: noCounts, notes });
  if (!asked || r === 0) return none();
  if (left.seconds <= 0 || 3 * draws * (r + 1) > left.evaluations || 3 * draws * r * unit > EFFORT)
    return none("Metasmoothness was not measured: its inner loops are many beside what the diagnosis may take.");
  progress?.("metasmoothness");
  const agreements: number[] = [];
  for (const [k, { theta }] of ends.entries())
    for (let i = 0; i < DRAWS; i++) {
      const task = await tasks.at(k, alone ? 0 : i % tasks.count),
        direction = directionOf(theta, stream(seed, "diagnosis's directions", k, i)),
        phi = async (steps: number) =>
          (
            await adaptWith(compiled, { theta: steps === 0 ? theta : moved(theta, direction, steps * H), task }, r, {
              task,
              losses: false,
              signal,
            })
          ).phi,
        agreement = signAgreement(await phi(0), await phi(1), await phi(2));
      if (!Number.isFinite(agreement)) return none("Metasmoothness was not measured: φ_r is not finite, or θ does not move it.");
      agreements.push(agreement);
    }
  const n = draws,
    mean = agreements.reduce((a, b) => a + b, 0) / n,
    variance = agreements.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / (n - 1),
    half = studentQuantile(n - 1) * Math.sqrt(variance / n);
  return {
    found: { value: mean, low: Math.max(-1, mean - half), high: Math.min(1, mean + half), h: H, draws },
    counts: { step: 3 * draws * r, product: 0, outer: 3 * draws },
    notes: [],
  };
}
