import { fail } from "../error.js";
import type { Applied, Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Type } from "../types.js";
import { allocate, showType, sizeOf } from "../types.js";
import type { Value } from "../value.js";
import { astype } from "../np/create.js";
import { equal } from "../np/logic.js";
import { broadcastTo, reshape } from "../np/shape.js";
import { forEachOffset, stridesOf } from "./strided.js";
import { needs } from "./elementwise.js";

type Name = "sum" | "max" | "min";
const keep = (x: Value, axes: readonly number[]) => x.shape.map((d, i) => (axes.includes(i) ? 1 : d));

/** A reduced value seen over the operand's shape again. */
const spread = (r: Value, x: Value, axes: readonly number[]) => broadcastTo(reshape(r, keep(x, axes)), x.shape);

function reduction<P extends Name>(
  op: P,
  start: number,
  combine: (a: number, b: number) => number,
  derivative: Pick<Operation<P>, "pullback" | "pushforward">,
): Operation<P> {
  return {
    type([x], { axes }): Type {
      needs(op, "numbers", t => t.dtype !== "bool", [x]);
      if (!axes.every((a, i) => a >= 0 && a < x.shape.length && (i === 0 || axes[i - 1] < a)))
        fail(op, `takes axes of ${showType(x)}`, `[${axes.join(", ")}]`);
      return { shape: x.shape.filter((_, i) => !axes.includes(i)), dtype: x.dtype };
    },
    ...derivative,
    batch: (y, [x]) => apply<Name>(op, [x], { axes: y.params.axes.map(a => a + 1) }),
    evaluate([x], y) {
      // Accumulates in float64 and rounds once.
      const { axes } = y.params,
        out = allocate(y),
        total = new Float64Array(sizeOf(y.shape)).fill(start);
      const own = stridesOf(y.shape);
      let k = 0;
      const strides = x.shape.map((_, i) => (axes.includes(i) ? 0 : own[k++]));
      forEachOffset(x.shape, strides, 0, (at, i) => {
        total[at] = combine(total[at], x.data[i]);
      });
      out.set(total);
      return out;
    },
  };
}

export const sum = reduction("sum", 0, (a, b) => a + b, {
  pullback: (y, g) => [spread(g, y.inputs[0], y.params.axes)],
  pushforward: (y, [t]) => t && apply("sum", [t], y.params),
});

/** 1/n at each of the n elements that attain the extremum: ties share. */
function shares(y: Applied<"max" | "min">): Value {
  const [x] = y.inputs,
    mask = astype(equal(x, spread(y, x, y.params.axes)), x.dtype, true);
  return mask.div(spread(mask.sum(y.params.axes), x, y.params.axes));
}
const attained: Pick<Operation<"max" | "min">, "pullback" | "pushforward"> = {
  pullback: (y, g) => [spread(g, y.inputs[0], y.params.axes).mul(shares(y))],
  pushforward: (y, [t]) => t && t.mul(shares(y)).sum(y.params.axes),
};
export const max = reduction("max", -Infinity, Math.max, attained as Pick<Operation<"max">, "pullback" | "pushforward">);
export const min = reduction("min", Infinity, Math.min, attained as Pick<Operation<"min">, "pullback" | "pushforward">);
