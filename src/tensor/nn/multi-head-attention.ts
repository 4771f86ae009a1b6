import { fail } from "../error.js";
import type { RandomSource } from "../initializers.js";
import { glorotNormal } from "../initializers.js";
import * as np from "../np/index.js";
import { checkOptions } from "../options.js";
import type { HostArray } from "../types.js";
import { showType } from "../types.js";
import type { Value } from "../value.js";
import { attention } from "./attention.js";
import type { LinearParameters, WeightOptions } from "./linear.js";
import { linear } from "./linear.js";

/** The four linear layers of multi-head attention. */
export interface MultiHeadAttentionParameters<T = Value> {
  readonly query: LinearParameters<T>;
  readonly key: LinearParameters<T>;
  readonly value: LinearParameters<T>;
  readonly output: LinearParameters<T>;
}

/** What is looked at, by how many heads, and which of it may be seen. */
export interface MultiHeadAttentionOptions {
  /** How many heads; they divide the features. */
  readonly heads: number;
  /** What keys and values are made of, […, m, features]; absent: x itself, which is self-attention. */
  readonly from?: Value;
  /** As in `nn.attention`, broadcast to […, heads, n, m]: `nn.causalMask(n)`. */
  readonly mask?: Value;
}

/**
 * Multi-head attention: each head attends with its share of three linear layers of x, and a fourth layer joins them.
 * `nn.multiHeadAttention.init(random, features)` makes its parameters.
 * @param parameters linear layers { query, key, value, output } from features to features
 * @param x […, n, features]
 * @returns […, n, features]
 * @throws if heads do not divide the features, or the shapes do not fit
 *
 * Source: A. Vaswani et al., Attention is all you need, NeurIPS 2017, section 3.2.2.
 */
export function multiHeadAttention(parameters: MultiHeadAttentionParameters, x: Value, options: MultiHeadAttentionOptions): Value {
  const known = { heads: true, from: true, mask: true } as const,
    { heads, from = x, mask } = checkOptions<MultiHeadAttentionOptions>("multiHeadAttention", options, known);
  if (x.ndim < 2 || from.ndim < 2) fail("multiHeadAttention", "takes arrays […, n, features]", `${showType(x)} and ${showType(from)}`);
  const split = (y: Value): Value => {
    const [n, features] = y.shape.slice(-2);
    if (!Number.isInteger(heads) || heads < 1 || features % heads)
      fail("multiHeadAttention", `takes heads that divide ${features} features`, `${heads}`);
    return np.moveaxis(y.reshape([...y.shape.slice(0, -2), n, heads, features / heads]), -2, -3);
  };
  const [q, k, v] = [linear(parameters.query, x), linear(parameters.key, from), linear(parameters.value, from)].map(split),
    seen = np.moveaxis(attention(q, k, v, { mask }), -3, -2);
  return linear(parameters.output, seen.reshape([...seen.shape.slice(0, -2), parameters.value.w.shape[1]]));
}

/** The parameters of multi-head attention; weights by `glorotNormal` unless told. @throws on extents that are not whole and ≥ 0 */
multiHeadAttention.init = (random: RandomSource, features: number, options?: WeightOptions): MultiHeadAttentionParameters<HostArray> => {
  const { weights = glorotNormal } = checkOptions<WeightOptions>("multiHeadAttention.init", options, { weights: true }),
    layer = () => linear.init(random, features, features, { weights });
  return { query: layer(), key: layer(), value: layer(), output: layer() };
};

/** The mask in which a query sees the keys up to its own place: bool[n, n], true where j ≤ i. @throws unless n is whole and ≥ 0 */
export function causalMask(n: number): Value {
  const places = np.arange(n);
  return np.greaterEqual(np.expandDims(places, 1), places);
}
