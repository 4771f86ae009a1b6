import { grad, vmap } from "../../src/tensor/transform.js";
import type { HostArray } from "../../src/tensor/types.js";
import { allocate, isFloat, sizeOf } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import type { Case } from "./cases/case.js";
import { lossOf } from "./derivatives.js";

export const outerSize = 2;
export const innerSize = 3;
/** Numbers of lanes: enough for two nested maps. */
export const laneCount = outerSize * innerSize;

/** An input of lane b: the numbers of the case turned round, and a little larger, so that all lanes differ and none comes near a kink. */
export function lane(x: HostArray, b: number): HostArray {
  const data = allocate(x);
  for (let i = 0; i < data.length; i++) {
    const value = x.data[(i + b) % data.length];
    data[i] = isFloat(x) ? value * (1 + b / 256) : x.dtype === "int32" ? value + (b % 2) : value ^ (b % 2);
  }
  return { ...x, data };
}

/** Arrays of one shape along a new axis, the first or the last. */
export function stack(arrays: readonly HostArray[], where: "first" | "last"): HostArray {
  const [{ shape, dtype }] = arrays;
  const n = arrays.length;
  const stacked = { shape: where === "first" ? [n, ...shape] : [...shape, n], dtype };
  const data = allocate(stacked);
  const size = sizeOf(shape);
  arrays.forEach((x, b) => x.data.forEach((v, i) => (data[where === "first" ? b * size + i : i * n + b] = v)));
  return { ...stacked, data };
}

/** One way to map a case: which operands, and over which of their axes. */
export interface Mapping {
  readonly operands: readonly number[];
  readonly where: "first" | "last";
}

/** Each operand alone and all of them together, over the first and the last axis. */
export function mappingsOf({ inputs }: Case): Mapping[] {
  const alone = inputs.map((_, i) => [i]);
  const together = inputs.length > 1 ? [inputs.map((_, i) => i)] : [];
  return [...alone, ...together].flatMap(operands => [
    { operands, where: "first" as const },
    { operands, where: "last" as const },
  ]);
}

/** The inputs of a mapping: those mapped have `innerSize` lanes. */
export const inputsOf = ({ inputs }: Case, { operands, where }: Mapping): HostArray[] =>
  inputs.map((x, i) =>
    operands.includes(i)
      ? stack(
          Array.from({ length: innerSize }, (_, b) => lane(x, b)),
          where,
        )
      : x,
  );

/** What is claimed about a mapping: vmap of the function and of its gradient, and the gradient of a sum of a vmap. */
export function mapped(c: Case, { operands, where }: Mapping, which: readonly number[]) {
  const axes = c.inputs.map((x, i) => (operands.includes(i) ? (where === "first" ? 0 : x.shape.length) : null));
  return (...inputs: Value[]) => {
    const y = vmap(c.f, axes)(...inputs);
    if (which.length === 0) return { y };
    const at = (all: readonly Value[], x: readonly Value[]) => all.map((v, i) => (which.includes(i) ? x[which.indexOf(i)] : v));
    const own = (all: readonly Value[]) => which.map(i => all[i]);
    const gradients = vmap((...all: Value[]) => grad((x: readonly Value[]) => lossOf(c.f(...at(all, x))))(own(all)), axes)(...inputs);
    const sum = (x: readonly Value[]) => vmap((...all: Value[]) => lossOf(c.f(...all)), axes)(...at(inputs, x)).sum();
    return { y, gradients, gradientOfSum: grad(sum)(own(inputs)) };
  };
}

/** The results of `mapped`. */
export interface Mapped {
  readonly y: HostArray;
  readonly gradients?: readonly HostArray[];
  readonly gradientOfSum?: readonly HostArray[];
}

/** Two maps, one in the other, over all operands together ([outer, inner, …]) and, for several, one over the first and one over the others. */
export function nested(c: Case) {
  return (together: Value[], first: Value, others: Value[]) => {
    const both = vmap((...x: Value[]) => vmap(c.f)(...x))(...together);
    if (others.length === 0) return { both };
    // The inner function closes over a lane of the outer map.
    return { both, crossed: vmap((x: Value) => vmap((...y: Value[]) => c.f(x, ...y))(...others))(first) };
  };
}

/** The results of `nested`. */
export interface Nested {
  readonly both: HostArray;
  readonly crossed?: HostArray;
}
