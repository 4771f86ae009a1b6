import { valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import type { RandomSource } from "../initializers.js";
import { lecunNormal, zeros } from "../initializers.js";
import type { Padding } from "../lax.js";
import { conv as convolve } from "../lax.js";
import { checkOptions } from "../options.js";
import type { HostArray, Shape } from "../types.js";
import type { Operand, Value } from "../value.js";
import type { WeightOptions } from "./linear.js";

/** Kernel and biases of a convolution. */
export interface ConvParameters<T = Value> {
  /** [outputs, inputs / groups, …window] */
  readonly kernel: T;
  /** [outputs] */
  readonly b: T;
}

/** How the window moves. */
export interface ConvLayerOptions {
  /** One for each axis of the window; 1 unless told. */
  readonly strides?: readonly number[];
  /** `SAME` unless told. */
  readonly padding?: Padding;
  readonly dilation?: readonly number[];
  readonly groups?: number;
}

/**
 * A convolution with a bias a channel: [N, inputs, …] → [N, outputs, …]. `nn.conv.init(random, inputs, outputs, [3, 3])` makes its parameters.
 * @param parameters { kernel: [outputs, inputs / groups, …window], b: [outputs] }
 * @throws as `lax.conv`
 */
export function conv({ kernel, b }: ConvParameters, x: Operand, options?: ConvLayerOptions): Value {
  x = valueOf("conv", x);
  const axes = x.ndim - 2,
    known = { strides: true, padding: true, dilation: true, groups: true } as const,
    {
      strides = Array<number>(Math.max(axes, 0)).fill(1),
      padding = "SAME",
      ...rest
    } = checkOptions<ConvLayerOptions>("conv", options, known);
  return convolve(x, kernel, strides, padding, rest).add(b.reshape([-1, ...Array<number>(Math.max(axes, 0)).fill(1)]));
}

/** How a convolution's parameters begin. */
export interface ConvInitOptions extends WeightOptions {
  readonly groups?: number;
}

/** The parameters of a convolution. @throws if the groups do not divide the channels */
conv.init = (
  random: RandomSource,
  inputs: number,
  outputs: number,
  window: Shape,
  options?: ConvInitOptions,
): ConvParameters<HostArray> => {
  const { weights = lecunNormal, groups = 1 } = checkOptions<ConvInitOptions>("conv.init", options, { weights: true, groups: true });
  if (!Number.isInteger(groups) || groups < 1 || inputs % groups || outputs % groups)
    fail("conv.init", `takes groups that divide ${inputs} and ${outputs} channels`, `${groups}`);
  return { kernel: weights(random, [outputs, inputs / groups, ...window]), b: zeros(random, [outputs]) };
};
