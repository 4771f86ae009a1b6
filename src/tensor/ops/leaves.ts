import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import { allocate } from "../types.js";
import { forEachOffset, stridesOf } from "./strided.js";
import { fail } from "../error.js";

const given = (op: string) => (_: unknown, __: unknown, wanted?: { shape?: readonly number[]; dtype?: import("../types.js").DType }) => {
  if (!wanted?.shape || !wanted.dtype) return fail(op, "needs its shape and dtype", "neither");
  return { shape: wanted.shape, dtype: wanted.dtype };
};
const leaf = {
  pullback: () => [],
  pushforward: () => null,
  batch: (y: import("../value.js").Value) => fail(y.op, "has no operand to batch over", "a batch axis"),
};

export const input: Operation<"input"> = {
  type: given("input"),
  ...leaf,
  evaluate: () => fail("input", "is bound by the executor", "a request for its value"),
};
export const constant: Operation<"constant"> = {
  type: given("constant"),
  ...leaf,
  evaluate: () => fail("constant", "is bound by the executor", "a request for its value"),
};

export const literal: Operation<"literal"> = {
  type: (_, __, wanted) => ({ shape: [], dtype: wanted?.dtype ?? "float32" }),
  ...leaf,
  evaluate: (_, y) => allocate(y).fill(y.params.value),
};

export const iota: Operation<"iota"> = {
  type: given("iota"),
  ...leaf,
  evaluate(_, y) {
    const out = allocate(y),
      strides = stridesOf(y.shape).map((_, i) => (i === y.params.axis ? 1 : 0));
    forEachOffset(y.shape, strides, 0, (k, i) => {
      out[i] = k;
    });
    return out;
  },
};

/** Tells a value that is being differentiated apart from its other uses; never part of a program. */
export const identity: Operation<"identity"> = {
  type: ([x]) => x,
  pullback: (_, g) => [g],
  pushforward: (_, [t]) => t,
  batch: (_, [x]) => x,
  evaluate: ([x]) => x.data.slice(),
};

/** Identity whose derivative is zero. */
export const stopGradient: Operation<"stopGradient"> = {
  type: ([x]) => x,
  pullback: () => [null],
  pushforward: () => null,
  batch: (_, [x]) => apply("stopGradient", [x], {}),
  evaluate: ([x]) => x.data.slice(),
};
