import { lift } from "../np/promote.js";
import { fail } from "../error.js";
import type { Initializer, RandomSource } from "../initializers.js";
import * as np from "../np/index.js";
import { checkOptions } from "../options.js";
import type { HostArray } from "../types.js";
import { showType } from "../types.js";
import type { Operand, Value } from "../value.js";

/** The rows of an embedding. */
export interface EmbeddingParameters<T = Value> {
  /** [count, features] */
  readonly table: T;
}

/**
 * Rows of a table by their numbers: int32[…] → […, features]; a number outside is the nearest row's, as in `np.take`.
 * `nn.embedding.init(random, count, features)` makes its parameters.
 * @param parameters { table: [count, features] }
 * @throws on numbers that are not int32
 */
export function embedding({ table }: EmbeddingParameters, numbers: Operand): Value {
  numbers = lift("embedding", numbers, "int32");
  if (numbers.dtype !== "int32") fail("embedding", "takes int32 numbers of rows", showType(numbers));
  return np.take(table, numbers, 0);
}

/** How rows begin. */
export interface EmbeddingOptions {
  /** Normal numbers of variance 1/features unless told. */
  readonly weights?: Initializer;
}

/** The parameters of an embedding. @throws on extents that are not whole and ≥ 0 */
embedding.init = (random: RandomSource, count: number, features: number, options?: EmbeddingOptions): EmbeddingParameters<HostArray> => {
  const { weights } = checkOptions<EmbeddingOptions>("embedding.init", options, { weights: true }),
    shape = [count, features];
  return { table: weights ? weights(random, shape) : random.normal(shape, features ? 1 / Math.sqrt(features) : 1) };
};
