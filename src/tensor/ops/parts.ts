import { fail } from "../error.js";
import { zerosLike } from "../np/create.js";
import type { Operation, Parameters } from "../operation.js";
import { apply } from "../operation.js";
import type { Shape, Type } from "../types.js";
import { allocate, showType } from "../types.js";
import type { Value } from "../value.js";
import { align } from "./elementwise.js";
import { copyView, forEachOffset, stridesOf } from "./strided.js";

type Places = Parameters<"slice">;

/** Whether elements start[a] + i·stride[a] of axis a, for i below the part's extent, are all inside the whole. */
function inside(part: Shape, whole: Shape, { start, stride }: Places): boolean {
  const ranks = [part.length, start.length, stride.length];
  const fits = (n: number, a: number) => start[a] >= 0 && stride[a] >= 1 && (n === 0 || start[a] + (n - 1) * stride[a] < whole[a]);
  return ranks.every(rank => rank === whole.length) && part.every(fits);
}
const showPlaces = ({ start, stride }: Places, shape: Shape) =>
  `start [${start.join(",")}], stride [${stride.join(",")}], shape [${shape.join(",")}]`;

/** Offset of the first element of a part in the whole, and the strides to walk it by. */
function view(whole: Shape, { start, stride }: Places) {
  const s = stridesOf(whole);
  return { first: start.reduce((n, v, a) => n + v * s[a], 0), strides: s.map((v, a) => v * stride[a]) };
}
const batched = ({ start, stride }: Places): Places => ({ start: [0, ...start], stride: [1, ...stride] });

/** Every stride[a]-th element from start[a] of axis a; its adjoint is `pad`. */
export const slice: Operation<"slice"> = {
  type([x], params, wanted) {
    const shape = wanted?.shape ?? [];
    if (!inside(shape, x.shape, params)) fail("slice", `stays inside ${showType(x)}`, showPlaces(params, shape));
    return { shape, dtype: x.dtype };
  },
  pullback: (y, g) => [apply("pad", [g], y.params, { shape: y.inputs[0].shape })],
  pushforward: (y, [t]) => t && apply("slice", [t], y.params, { shape: y.shape }),
  batch: (y, [x], _, size) => apply("slice", [x], batched(y.params), { shape: [size, ...y.shape] }),
  evaluate([x], y) {
    const { first, strides } = view(x.shape, y.params);
    return copyView(x.data, y, strides, first);
  },
};

/** Places the elements where `slice` would read them, zeros elsewhere; its adjoint is `slice`. */
export const pad: Operation<"pad"> = {
  type([x], params, wanted) {
    const shape = wanted?.shape ?? [];
    if (!inside(x.shape, shape, params)) fail("pad", `places ${showType(x)} inside the result`, showPlaces(params, shape));
    return { shape, dtype: x.dtype };
  },
  pullback: (y, g) => [apply("slice", [g], y.params, { shape: y.inputs[0].shape })],
  pushforward: (y, [t]) => t && apply("pad", [t], y.params, { shape: y.shape }),
  batch: (y, [x], _, size) => apply("pad", [x], batched(y.params), { shape: [size, ...y.shape] }),
  evaluate([x], y) {
    const out = allocate(y);
    const { first, strides } = view(y.shape, y.params);
    forEachOffset(x.shape, strides, first, (to, i) => {
      out[to] = x.data[i];
    });
    return out;
  },
};

/** The parts of something shaped like a concatenation, one an operand. */
function split(g: Value, operands: readonly Value[], axis: number): Value[] {
  let before = 0;
  return operands.map(x => {
    const start = g.shape.map((_, i) => (i === axis ? before : 0));
    before += x.shape[axis];
    return apply("slice", [g], { start, stride: start.map(() => 1) }, { shape: x.shape });
  });
}

/** Arrays laid one after another along an axis. */
export const concatenate: Operation<"concatenate"> = {
  type(operands, { axis }): Type {
    const [first] = operands;
    const agrees = (t: Type) =>
      t.dtype === first.dtype && t.shape.length === first.shape.length && t.shape.every((d, i) => i === axis || d === first.shape[i]);
    if (!operands.length || axis < 0 || axis >= first.shape.length || !operands.every(agrees)) {
      fail("concatenate", `takes arrays that agree in every axis but ${axis}`, operands.map(showType).join(", ") || "none");
    }
    const total = operands.reduce((n, t) => n + t.shape[axis], 0);
    return { shape: first.shape.map((d, i) => (i === axis ? total : d)), dtype: first.dtype };
  },
  pullback: (y, g) => split(g, y.inputs, y.params.axis),
  pushforward(y, tangents) {
    const some = tangents.some(t => t !== null);
    return some
      ? apply(
          "concatenate",
          y.inputs.map((x, i) => tangents[i] ?? zerosLike(x)),
          y.params,
        )
      : null;
  },
  batch: (y, operands, which, size) => apply("concatenate", align(operands, which, size), { axis: y.params.axis + 1 }),
  evaluate(operands, y) {
    const out = allocate(y);
    const strides = stridesOf(y.shape);
    let first = 0;
    for (const x of operands) {
      forEachOffset(x.shape, strides, first, (to, i) => {
        out[to] = x.data[i];
      });
      first += x.shape[y.params.axis] * strides[y.params.axis];
    }
    return out;
  },
};
