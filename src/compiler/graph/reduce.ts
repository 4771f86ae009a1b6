import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import { restored } from "./graph.js";
import type { Reduction } from "./tensor.js";
import type { View } from "./view.js";
import { broadcastTo, merged, pick, range, stridesOf } from "./view.js";

const neutral: Record<Reduction, number> = { sum: 0, max: -Infinity, min: Infinity };

/** Reduces axes of a view. Along axes on which nothing varies, a sum is a multiple and an extremum the value itself. */
export function reduce(graph: Graph, how: Reduction, x: View, axes: readonly number[]): View {
  const dtype = x.tensor.dtype,
    kept = range(x.shape.length).filter(i => !axes.includes(i)),
    shape = kept.map(i => x.shape[i]);
  if (sizeOf(x.shape) === 0)
    return graph.literal(dtype === "int32" ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, neutral[how])) : neutral[how], dtype, shape);
  const memory = stridesOf(x).map(Math.abs),
    byStride = (a: number, b: number) => memory[b] - memory[a] || a - b;
  const reduced = axes.filter(i => x.axes[i] !== null).sort(byStride),
    times = sizeOf(axes.filter(i => x.axes[i] === null).map(i => x.shape[i]));
  const order = kept.filter(i => x.axes[i] !== null).sort(byStride);
  const repeat = (v: View) =>
    how === "sum" && times !== 1 ? graph.map("multiply", dtype, [v, graph.literal(times, dtype, v.shape)], v.shape) : v;
  if (reduced.length === 0) return repeat(pick(x, kept));
  const operand = merged(pick(x, [...order, ...reduced]), order.length);
  const tensor = graph.add({
    kind: "reduce",
    how,
    dtype,
    shape: order.map(i => x.shape[i]),
    reduced: operand.shape.slice(order.length),
    operands: [operand],
  });
  return repeat(
    broadcastTo(
      restored(
        tensor,
        shape,
        order.map(i => kept.indexOf(i)),
      ),
      shape,
    ),
  );
}
