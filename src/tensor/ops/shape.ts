import { fail } from "../error.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import { allocate, showType, sizeOf } from "../types.js";
import type { Value } from "../value.js";
import { broadcastTo, reshape as reshaped, transpose as transposed } from "../np/shape.js";
import { sum } from "../np/reduce.js";
import { align } from "./elementwise.js";
import { copyView, forEachOffset, stridesOf } from "./strided.js";

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
  evaluate: ([x], y) => {
    const s = stridesOf(x.shape);
    return copyView(
      x.data,
      y,
      y.params.permutation.map(i => s[i]),
    );
  },
};

/** Undoes a broadcast by summing what was repeated. */
function unbroadcast(g: Value, shape: readonly number[]): Value {
  const extra = g.shape.length - shape.length;
  const axes = g.shape.map((_, i) => i).filter(i => i < extra || (shape[i - extra] === 1 && g.shape[i] !== 1));
  return reshaped(sum(g, axes), shape);
}

export const broadcast: Operation<"broadcast"> = {
  type([x], _, wanted) {
    const shape = wanted?.shape ?? x.shape,
      extra = shape.length - x.shape.length;
    if (extra < 0 || !x.shape.every((d, i) => d === 1 || d === shape[i + extra]))
      fail("broadcastTo", `repeats axes of extent 1 of ${showType(x)}`, `the shape [${shape.join(",")}]`);
    return { shape, dtype: x.dtype };
  },
  pullback: (y, g) => [unbroadcast(g, y.inputs[0].shape)],
  pushforward: (y, [t]) => t && broadcastTo(t, y.shape),
  batch(y, [x], _, size) {
    const own = y.inputs[0].shape,
      ones = new Array<number>(y.shape.length - own.length).fill(1);
    return broadcastTo(reshaped(x, [size, ...ones, ...own]), [size, ...y.shape]);
  },
  evaluate([x], y) {
    const s = stridesOf(x.shape),
      extra = y.shape.length - x.shape.length;
    return copyView(
      x.data,
      y,
      y.shape.map((_, i) => (i < extra || x.shape[i - extra] === 1 ? 0 : s[i - extra])),
    );
  },
};

const last = (n: number, start: number, stride: number) => (n ? start + (n - 1) * stride : start);

export const slice: Operation<"slice"> = {
  type([x], { start, stride }, wanted) {
    const shape = wanted?.shape ?? [];
    const fits =
      shape.length === x.shape.length
      && start.length === shape.length
      && stride.length === shape.length
      && shape.every((n, i) => start[i] >= 0 && stride[i] >= 1 && (n === 0 || last(n, start[i], stride[i]) < x.shape[i]));
    if (!fits)
      fail("slice", `stays inside ${showType(x)}`, `start [${start.join(",")}], stride [${stride.join(",")}], shape [${shape.join(",")}]`);
    return { shape, dtype: x.dtype };
  },
  pullback: (y, g) => [apply("pad", [g], y.params, { shape: y.inputs[0].shape })],
  pushforward: (y, [t]) => t && apply("slice", [t], y.params, { shape: y.shape }),
  batch: (y, [x], _, size) =>
    apply("slice", [x], { start: [0, ...y.params.start], stride: [1, ...y.params.stride] }, { shape: [size, ...y.shape] }),
  evaluate([x], y) {
    const s = stridesOf(x.shape),
      { start, stride } = y.params;
    return copyView(
      x.data,
      y,
      s.map((v, i) => v * stride[i]),
      start.reduce((n, v, i) => n + v * s[i], 0),
    );
  },
};

export const pad: Operation<"pad"> = {
  type([x], { start, stride }, wanted) {
    const shape = wanted?.shape ?? [];
    const fits =
      shape.length === x.shape.length
      && x.shape.every((n, i) => start[i] >= 0 && stride[i] >= 1 && (n === 0 || last(n, start[i], stride[i]) < shape[i]));
    if (!fits)
      fail(
        "pad",
        `places ${showType(x)} inside the result`,
        `start [${start.join(",")}], stride [${stride.join(",")}], shape [${shape.join(",")}]`,
      );
    return { shape, dtype: x.dtype };
  },
  pullback: (y, g) => [apply("slice", [g], y.params, { shape: y.inputs[0].shape })],
  pushforward: (y, [t]) => t && apply("pad", [t], y.params, { shape: y.shape }),
  batch: (y, [x], _, size) =>
    apply("pad", [x], { start: [0, ...y.params.start], stride: [1, ...y.params.stride] }, { shape: [size, ...y.shape] }),
  evaluate([x], y) {
    const s = stridesOf(y.shape),
      { start, stride } = y.params,
      out = allocate(y);
    forEachOffset(
      x.shape,
      s.map((v, i) => v * stride[i]),
      start.reduce((n, v, i) => n + v * s[i], 0),
      (at, i) => {
        out[at] = x.data[i];
      },
    );
    return out;
  },
};

/** The part of a concatenation that came from operand k. */
function part(g: Value, y: Value, axis: number, k: number): Value {
  const at = y.inputs.slice(0, k).reduce((n, x) => n + x.shape[axis], 0);
  return apply(
    "slice",
    [g],
    { start: g.shape.map((_, i) => (i === axis ? at : 0)), stride: g.shape.map(() => 1) },
    { shape: y.inputs[k].shape },
  );
}

export const concatenate: Operation<"concatenate"> = {
  type(operands, { axis }) {
    const [x] = operands;
    if (
      !operands.length
      || axis < 0
      || axis >= x.shape.length
      || operands.some(
        t => t.dtype !== x.dtype || t.shape.length !== x.shape.length || t.shape.some((d, i) => i !== axis && d !== x.shape[i]),
      )
    ) {
      fail("concatenate", `takes arrays that agree in every axis but ${axis}`, operands.map(showType).join(", ") || "none");
    }
    return { shape: x.shape.map((d, i) => (i === axis ? operands.reduce((n, t) => n + t.shape[axis], 0) : d)), dtype: x.dtype };
  },
  pullback: (y, g) => y.inputs.map((_, k) => part(g, y, y.params.axis, k)),
  pushforward: (y, tangents) =>
    apply(
      "concatenate",
      y.inputs.map((x, i) => tangents[i] ?? zerosOf(x)),
      y.params,
    ),
  batch: (y, operands, batched, size) => apply("concatenate", align(operands, batched, size), { axis: y.params.axis + 1 }),
  evaluate(operands, y) {
    const out = allocate(y),
      s = stridesOf(y.shape);
    let at = 0;
    for (const x of operands) {
      forEachOffset(x.shape, s, at * s[y.params.axis], (o, i) => {
        out[o] = x.data[i];
      });
      at += x.shape[y.params.axis];
    }
    return out;
  },
};
const zerosOf = (x: Value) => broadcastTo(apply("literal", [], { value: 0 }, { dtype: x.dtype }), x.shape);

export const flip: Operation<"flip"> = {
  type([x], { axes }) {
    if (!axes.every(a => a >= 0 && a < x.shape.length)) fail("flip", `takes axes of ${showType(x)}`, `[${axes.join(", ")}]`);
    return x;
  },
  pullback: (y, g) => [apply("flip", [g], y.params)],
  pushforward: (y, [t]) => t && apply("flip", [t], y.params),
  batch: (y, [x]) => apply("flip", [x], { axes: y.params.axes.map(a => a + 1) }),
  evaluate([x], y) {
    const s = stridesOf(x.shape),
      turned = (i: number) => y.params.axes.includes(i);
    return copyView(
      x.data,
      y,
      s.map((v, i) => (turned(i) ? -v : v)),
      s.reduce((n, v, i) => n + (turned(i) ? v * (x.shape[i] - 1) : 0), 0),
    );
  },
};
