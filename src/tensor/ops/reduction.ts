import { fail } from "../error.js";
import { equal } from "../np/logic.js";
import { convert } from "../np/promote.js";
import { broadcastTo, reshape } from "../np/shape.js";
import type { Applied, Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Type } from "../types.js";
import { allocate, showType, sizeOf } from "../types.js";
import type { Value } from "../value.js";
import { needs } from "./elementwise.js";
import { forEachOffset, stridesOf } from "./strided.js";

type Name = "sum" | "max" | "min";
type Derivatives = Pick<Operation<Name>, "pullback" | "pushforward">;

/** A reduced value seen over the operand's shape again. */
function spread(r: Value, x: Value, axes: readonly number[]): Value {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return broadcastTo(reshape(r, kept), x.shape);
}

function reduction(op: Name, start: number, combine: (a: number, b: number) => number, derivatives: Derivatives): Operation<Name> {
  return {
    type([x], { axes }): Type {
      needs(op, "numbers", t => t.dtype !== "bool", [x]);
      const ascending = axes.every((a, i) => a >= 0 && a < x.shape.length && (i === 0 || axes[i - 1] < a));
      if (!ascending) fail(op, `takes axes of ${showType(x)}`, `[${axes.join(", ")}]`);
      const shape = x.shape.filter((_, i) => !axes.includes(i));
      if (op !== "sum" && sizeOf(x.shape) === 0 && sizeOf(shape) > 0) fail(op, "needs at least one element", showType(x));
      return { shape, dtype: x.dtype };
    },
    ...derivatives,
    batch: (y, [x]) => apply(op, [x], { axes: y.params.axes.map(a => a + 1) }),
    evaluate([x], y) {
      // Accumulates in float64 and rounds once.
      const { axes } = y.params;
      const out = allocate(y);
      const total = new Float64Array(out.length).fill(start);
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

/** Sum over axes; its adjoint repeats. */
export const sum: Operation<"sum"> = reduction("sum", 0, (a, b) => a + b, {
  pullback: (y, g) => [spread(g, y.inputs[0], y.params.axes)],
  pushforward: (y, [t]) => t && apply("sum", [t], y.params),
});

/** 1/n at each of the n elements that attain the extremum: ties share. */
function shares(y: Applied<Name>): Value {
  const [x] = y.inputs;
  const { axes } = y.params;
  const attains = convert(equal(x, spread(y, x, axes)), x.dtype);
  return attains.div(spread(attains.sum(axes), x, axes));
}
const extremum: Derivatives = {
  pullback: (y, g) => [spread(g, y.inputs[0], y.params.axes).mul(shares(y))],
  pushforward: (y, [t]) => t && t.mul(shares(y)).sum(y.params.axes),
};
export const max: Operation<"max"> = reduction("max", -Infinity, Math.max, extremum);
export const min: Operation<"min"> = reduction("min", Infinity, Math.min, extremum);
