import { fail } from "../error.js";
import { sum } from "../np/reduce.js";
import { broadcastTo, reshape as reshaped, transpose as transposed } from "../np/shape.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Shape } from "../types.js";
import { showType, sizeOf } from "../types.js";
import type { Value } from "../value.js";
import { copyView, stridesOf } from "./strided.js";

/** The same elements, row-major, in another shape. */
export const reshape: Operation<"reshape"> = {
  type([x], _, wanted) {
    const shape = wanted?.shape ?? x.shape;
    if (sizeOf(shape) !== sizeOf(x.shape))
      fail("reshape", `keeps the number of elements (${sizeOf(x.shape)} of ${showType(x)})`, `[${shape.join(",")}]`);
    return { shape, dtype: x.dtype };
  },
  pullback: (y, g) => [reshaped(g, y.inputs[0].shape)],
  pushforward: (y, [t]) => t && reshaped(t, y.shape),
  batch: (y, [x], _, size) => reshaped(x, [size, ...y.shape]),
  evaluate: ([x]) => x.data.slice(),
};

const inverse = (p: readonly number[]) => p.map((_, i) => p.indexOf(i));

/** Axis i of the result is axis permutation[i] of the operand. */
export const transpose: Operation<"transpose"> = {
  type([x], { permutation: p }) {
    if (p.length !== x.shape.length || new Set(p).size !== p.length || !p.every(i => Number.isInteger(i) && i >= 0 && i < p.length)) {
      fail("transpose", `takes a permutation of the ${x.shape.length} axes of ${showType(x)}`, `[${p.join(", ")}]`);
    }
    return { shape: p.map(i => x.shape[i]), dtype: x.dtype };
  },
  pullback: (y, g) => [transposed(g, inverse(y.params.permutation))],
  pushforward: (y, [t]) => t && transposed(t, y.params.permutation),
  batch: (y, [x]) => transposed(x, [0, ...y.params.permutation.map(i => i + 1)]),
  evaluate([x], y) {
    const s = stridesOf(x.shape);
    const strides = y.params.permutation.map(i => s[i]);
    return copyView(x.data, y, strides);
  },
};

/** Undoes a broadcast by summing what was repeated. */
function unbroadcast(g: Value, shape: Shape): Value {
  const extra = g.shape.length - shape.length;
  const axes = g.shape.map((_, i) => i).filter(i => i < extra || (shape[i - extra] === 1 && g.shape[i] !== 1));
  return reshaped(sum(g, axes), shape);
}

/** Shapes aligned at the right, extents of 1 repeated; the adjoint sums. */
export const broadcast: Operation<"broadcast"> = {
  type([x], _, wanted) {
    const shape = wanted?.shape ?? x.shape;
    const extra = shape.length - x.shape.length;
    if (extra < 0 || !x.shape.every((d, i) => d === 1 || d === shape[i + extra])) {
      fail("broadcastTo", `repeats axes of extent 1 of ${showType(x)}`, `the shape [${shape.join(",")}]`);
    }
    return { shape, dtype: x.dtype };
  },
  pullback: (y, g) => [unbroadcast(g, y.inputs[0].shape)],
  pushforward: (y, [t]) => t && broadcastTo(t, y.shape),
  batch(y, [x], _, size) {
    const own = y.inputs[0].shape;
    const ones = new Array<number>(y.shape.length - own.length).fill(1);
    return broadcastTo(reshaped(x, [size, ...ones, ...own]), [size, ...y.shape]);
  },
  evaluate([x], y) {
    const s = stridesOf(x.shape);
    const extra = y.shape.length - x.shape.length;
    const strides = y.shape.map((_, i) => (i < extra || x.shape[i - extra] === 1 ? 0 : s[i - extra]));
    return copyView(x.data, y, strides);
  },
};

/** Axes reversed. */
export const flip: Operation<"flip"> = {
  type([x], { axes }) {
    if (!axes.every(a => a >= 0 && a < x.shape.length)) fail("flip", `takes axes of ${showType(x)}`, `[${axes.join(", ")}]`);
    return x;
  },
  pullback: (y, g) => [apply("flip", [g], y.params)],
  pushforward: (y, [t]) => t && apply("flip", [t], y.params),
  batch: (y, [x]) => apply("flip", [x], { axes: y.params.axes.map(a => a + 1) }),
  evaluate([x], y) {
    const turned = (axis: number) => y.params.axes.includes(axis);
    const s = stridesOf(x.shape);
    const start = s.reduce((n, stride, i) => n + (turned(i) ? stride * (x.shape[i] - 1) : 0), 0);
    const strides = s.map((stride, i) => (turned(i) ? -stride : stride));
    return copyView(x.data, y, strides, start);
  },
};
