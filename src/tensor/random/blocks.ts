import { checkShape } from "../host.js";
import { lift, spread } from "../np/promote.js";
import { stack } from "../np/shape.js";
import { apply } from "../operation.js";
import type { Shape } from "../types.js";
import type { Value } from "../value.js";
import { threefry } from "./threefry.js";
import { wordsOf } from "./words.js";

/** 0, 1, 2, … over a shape, row-major. */
function places(shape: Shape): Value {
  let stride = 1;
  return shape.reduceRight<Value>(
    (sum, n, axis) => {
      const along = apply("iota", [], { axis }, { shape, dtype: "int32" }).mul(stride);
      stride *= n;
      return sum.add(along);
    },
    spread(lift("random", 0, "int32"), shape),
  );
}

/** A random block for each element of a shape. */
export function blocks(who: string, k: Value, shape: Shape): [Value, Value] {
  checkShape(who, shape);
  return threefry(wordsOf(who, k), [0, places(shape)]);
}

/** Keys of the words of blocks. */
export const pair = (words: readonly [Value, Value]): Value => stack(words, -1);
