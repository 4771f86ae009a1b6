import { valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import { full, zeros } from "../host.js";
import { normalizeAxes } from "../np/axes.js";
import * as np from "../np/index.js";
import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import type { HostArray, Shape } from "../types.js";
import { sameShape, showType } from "../types.js";
import type { Axes, Operand, Value } from "../value.js";

/** Over which axes mean and variance are taken, and what is added to the variance. */
export interface NormOptions {
  readonly axes?: Axes;
  /** ε; absent: 10⁻⁵. */
  readonly epsilon?: number;
}

const normKeys: KeysOf<NormOptions> = { axes: true, epsilon: true };

/** (x − mean) / √(variance + ε) over axes. */
export function standardized(x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = x.sub(x.mean(axes, { keepdims: true }));
  return centred.div(np.sqrt(centred.mul(centred).mean(axes, { keepdims: true }).add(epsilon)));
}

/** A parameter over some axes of x, with extents of 1 for the others. @throws unless it has those axes' extents */
export function over(who: string, x: Value, axes: readonly number[], parameter: Value): Value {
  const shape: Shape = axes.map(a => x.shape[a]);
  if (!sameShape(parameter.shape, shape))
    fail(who, `takes a scale and a shift of the shape [${shape.join(",")}] for ${showType(x)}`, showType(parameter));
  return parameter.reshape(x.shape.map((d, i) => (axes.includes(i) ? d : 1)));
}

/**
 * Batch normalization, scale·(x − mean)/√(variance + ε) + shift, with mean and variance of this very batch over `axes`: absent, all but axis 1, the
 * channels of [N, C] and [N, C, H, W]. There are no running means: in bi-level problems every batch is data of its step.
 * @param scale of the shape of the axes that are left: [C]
 * @param shift of the same shape
 * @throws on axes that x does not have, or parameters of another shape
 */
export function batchNorm(x: Operand, scale: Operand, shift: Operand, options?: NormOptions): Value {
  x = valueOf("batchNorm", x);
  scale = valueOf("batchNorm", scale);
  shift = valueOf("batchNorm", shift);
  const { axes, epsilon = 1e-5 } = checkOptions("batchNorm", options, normKeys);
  const all = x.shape.map((_, i) => i);
  const gone = normalizeAxes("batchNorm", x, axes ?? all.filter(i => i !== 1));
  const kept = all.filter(i => !gone.includes(i));
  const [a, b] = [scale, shift].map(parameter => over("batchNorm", x, kept, parameter));
  return standardized(x, gone, epsilon).mul(a).add(b);
}

/**
 * Layer normalization, scale·(x − mean)/√(variance + ε) + shift, with mean and variance of each example over `axes`: absent, the last.
 * @param scale of the shape of the normalized axes
 * @param shift of the same shape
 * @throws on axes that x does not have, or parameters of another shape
 */
export function layerNorm(x: Operand, scale: Operand, shift: Operand, options?: NormOptions): Value {
  x = valueOf("layerNorm", x);
  scale = valueOf("layerNorm", scale);
  shift = valueOf("layerNorm", shift);
  const { axes = -1, epsilon = 1e-5 } = checkOptions("layerNorm", options, normKeys);
  const gone = normalizeAxes("layerNorm", x, axes);
  const [a, b] = [scale, shift].map(parameter => over("layerNorm", x, gone, parameter));
  return standardized(x, gone, epsilon).mul(a).add(b);
}

/** Scale and shift of a normalization. */
export interface NormParameters<T = Value> {
  readonly scale: T;
  readonly shift: T;
}

const parameters = (shape: Shape): NormParameters<HostArray> => ({ scale: full(1, ...shape), shift: zeros(...shape) });

/** The parameters of batch normalization over so many channels: a scale of ones and a shift of zeros, [channels]. @throws unless it is whole and ≥ 0 */
batchNorm.init = (channels: number): NormParameters<HostArray> => parameters([channels]);

/** The parameters of layer normalization: a scale of ones and a shift of zeros of the normalized axes. @throws on extents that are not whole and ≥ 0 */
layerNorm.init = (...shape: number[]): NormParameters<HostArray> => parameters(shape);
