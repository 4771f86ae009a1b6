import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { DType, Type } from "../types.js";
import { allocate } from "../types.js";
import type { Value } from "../value.js";
import { needs } from "./elementwise.js";
import { forEachOffset } from "./strided.js";
import { fail } from "../error.js";

const given = (op: string) => (_: unknown, __: unknown, wanted?: Partial<Type>) => {
  if (!wanted?.shape || !wanted.dtype) return fail(op, "needs its shape and dtype", "neither");
  return { shape: wanted.shape, dtype: wanted.dtype };
};
const leaf = {
  pullback: () => [],
  pushforward: () => null,
  batch: (y: Value) => fail(y.op, "has no operand to batch over", "a batch axis"),
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

/** Whether a number is one of the dtype's; floating point rounds where it must. */
const holds = (dtype: DType, value: number) => (dtype === "bool" ? value === 0 || value === 1 : dtype !== "int32" || (value | 0) === value);

export const literal: Operation<"literal"> = {
  type(_, { value }, wanted) {
    const dtype = wanted?.dtype ?? "float32";
    if (!holds(dtype, value)) fail("a literal", `must be a number of its dtype, ${dtype}`, `${value}`);
    return { shape: [], dtype };
  },
  ...leaf,
  evaluate: (_, y) => allocate(y).fill(y.params.value),
};

export const iota: Operation<"iota"> = {
  type(_, __, wanted) {
    const type = given("iota")(_, __, wanted);
    needs("arange", "a dtype of numbers", t => t.dtype !== "bool", [type]);
    return type;
  },
  ...leaf,
  evaluate(_, y) {
    const out = allocate(y);
    const strides = y.shape.map((_, i) => (i === y.params.axis ? 1 : 0));
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
