// What the problems of tests are made of: a specification with its problem, float64 data, a small network.
import { defineProblem, np, type Problem, type ProblemSpec, type Value } from "../../src/index.js";
import type { AnySpec } from "../../src/core/problem/spec.js";
import type { Random } from "../../src/core/random/index.js";
import type { HostArray, HostTree } from "../../src/tensor/types.js";

export interface Sample {
  readonly name: string;
  readonly spec: AnySpec;
  readonly problem: Problem;
}

export function sample<TH extends HostTree, TK extends HostTree, Φ, S = Value[]>(spec: ProblemSpec<TH, TK, Φ, S>): Sample {
  const problem = defineProblem(spec) as unknown as Problem;
  return { name: problem.name, spec: spec as unknown as AnySpec, problem };
}

/** Normal numbers in float64: float32 data would hide what float64 shows. */
export function normal64(random: Random, shape: readonly number[], scale = 1, shift = 0): HostArray {
  const { data } = random.normal(shape);
  return { shape, dtype: "float64", data: Float64Array.from(data, x => shift + scale * x) };
}

export const regressionTask = (random: Random) => ({
  x: normal64(random, [7, 3]),
  y: normal64(random, [7, 2]),
  xOut: normal64(random, [5, 3]),
  yOut: normal64(random, [5, 2]),
});

export type Net = { readonly w: Value; readonly b: Value; readonly out: Value };
export const net = ({ w, b, out }: Net, x: Value): Value => np.matmul(np.tanh(np.matmul(x, w).add(b)), out);
export const squares = (prediction: Value, y: Value): Value => np.square(prediction.sub(y)).mean();
export const netAt = (random: Random) => ({
  w: normal64(random, [3, 4], 0.6),
  b: normal64(random, [4], 0.3),
  out: normal64(random, [4, 2], 0.6),
});
