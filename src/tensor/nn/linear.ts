import { valueOf } from "../np/promote.js";
import type { Initializer, RandomSource } from "../initializers.js";
import { lecunNormal, zeros } from "../initializers.js";
import * as np from "../np/index.js";
import { checkOptions } from "../options.js";
import type { HostArray } from "../types.js";
import type { Operand, Value } from "../value.js";

/** Weights and biases of a linear layer, as values inside of a problem and as host arrays in θ. */
export interface LinearParameters<T = Value> {
  /** [inputs, outputs] */
  readonly w: T;
  /** [outputs] */
  readonly b: T;
}

/** How weights begin. */
export interface WeightOptions {
  /** `initializers.lecunNormal` unless told; biases begin at 0. */
  readonly weights?: Initializer;
}

/**
 * A linear layer, x w + b over the last axis: […, inputs] → […, outputs]. `nn.linear.init(random, inputs, outputs)` makes its parameters.
 * @param parameters { w: [inputs, outputs], b: [outputs] }
 */
export function linear({ w, b }: LinearParameters, x: Operand): Value {
  x = valueOf("linear", x);
  return np.matmul(x, w).add(b);
}

/** The parameters of a linear layer. @throws on extents that are not whole and ≥ 0 */
linear.init = (random: RandomSource, inputs: number, outputs: number, options?: WeightOptions): LinearParameters<HostArray> => {
  const { weights = lecunNormal } = checkOptions<WeightOptions>("linear.init", options, { weights: true });
  return { w: weights(random, [inputs, outputs]), b: zeros(random, [outputs]) };
};
