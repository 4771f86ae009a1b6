import { valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import { checkOptions } from "../options.js";
import type { HostArray } from "../types.js";
import { showType } from "../types.js";
import type { Operand, Value } from "../value.js";
import { batchNorm, over, standardized, type NormParameters } from "./normalization.js";

/** What is added to the variance. */
export interface GroupNormOptions {
  /** ε; absent: 10⁻⁵. */
  readonly epsilon?: number;
}

/**
 * Group normalization, scale·(x − mean)/√(variance + ε) + shift, with mean and variance of each example over each group of neighbouring channels
 * and all places: for [N, C, …]. As many groups as channels is instance normalization. `nn.groupNorm.init(channels)` makes scale and shift.
 * @param scale [C]
 * @param shift [C]
 * @param groups how many, a divisor of C
 * @throws if the groups do not divide the channels, or on parameters of another shape
 *
 * Source: Y. Wu and K. He, Group normalization, ECCV 2018.
 */
export function groupNorm(x: Operand, scale: Operand, shift: Operand, groups: number, options?: GroupNormOptions): Value {
  x = valueOf("groupNorm", x);
  scale = valueOf("groupNorm", scale);
  shift = valueOf("groupNorm", shift);
  const { epsilon = 1e-5 } = checkOptions<GroupNormOptions>("groupNorm", options, { epsilon: true });
  if (x.ndim < 2) fail("groupNorm", "takes arrays [N, C, …]", showType(x));
  const [n, channels, ...places] = x.shape;
  if (!Number.isInteger(groups) || groups < 1 || channels % groups)
    fail("groupNorm", `takes groups that divide ${channels} channels`, `${groups}`);
  const [a, b] = [scale, shift].map(parameter => over("groupNorm", x, [1], parameter)),
    grouped = x.reshape([n, groups, channels / groups, ...places]),
    own = grouped.shape.map((_, i) => i).slice(2);
  return standardized(grouped, own, epsilon).reshape(x.shape).mul(a).add(b);
}

/** The parameters of group normalization over so many channels: a scale of ones and a shift of zeros, [channels]. @throws unless it is whole and ≥ 0 */
groupNorm.init = (channels: number): NormParameters<HostArray> => batchNorm.init(channels);
