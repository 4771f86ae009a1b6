import type { UnaryPrimitives } from "../../program/program.js";
import { fail } from "../error.js";
import type { Applied, Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Type, TypedArray } from "../types.js";
import { allocate, isFloat, sameShape, showType } from "../types.js";
import type { OperationName, Value } from "../value.js";
import { broadcastTo } from "../np/shape.js";

/** Operands over a leading batch axis: those without one are repeated along it. */
export const align = (operands: readonly Value[], batched: readonly boolean[], size: number): Value[] =>
  operands.map((x, i) => (batched[i] ? x : broadcastTo(x, [size, ...x.shape])));

export { isFloat };

/** Refuses operands of another dtype. */
export function needs(op: string, what: string, ok: (t: Type) => boolean, operands: readonly Type[]): void {
  const odd = operands.find(t => !ok(t));
  if (odd) fail(op, `takes ${what}`, showType(odd));
}

/** The common type of element-by-element operands. */
export function common(op: string, operands: readonly Type[]): Type {
  const [a, ...rest] = operands;
  for (const b of rest)
    if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) fail(op, "takes operands of one type", operands.map(showType).join(" and "));
  return { shape: a.shape, dtype: a.dtype };
}

/** Applies the function of numbers to each element. */
export function evaluateUnary(x: TypedArray, y: Type, f: (x: number) => number): TypedArray {
  const out = allocate(y);
  for (let i = 0; i < out.length; i++) out[i] = f(x[i]);
  return out;
}

/** Applies the function of two numbers to each pair of elements. */
export function evaluateBinary(a: TypedArray, b: TypedArray, y: Type, f: (a: number, b: number) => number): TypedArray {
  const out = allocate(y);
  for (let i = 0; i < out.length; i++) out[i] = f(a[i], b[i]);
  return out;
}

type UnaryName = keyof UnaryPrimitives;

/** A differentiable function of one element: its value, and y′ as a graph of x and y (null: zero almost everywhere). */
export function unary<P extends UnaryName>(
  op: P,
  value: (x: number) => number,
  derivative: null | ((x: Value, y: Value) => Value),
  integers = false,
): Operation<P> {
  const chain = (y: Value, t: Value | null) => (t && derivative ? t.mul(derivative(y.inputs[0], y)) : null);
  return {
    type([x]) {
      needs(op, integers ? "numbers" : "floating point numbers", t => isFloat(t) || (integers && t.dtype === "int32"), [x]);
      return x;
    },
    pullback: (y, g) => [chain(y, g)],
    pushforward: (y, [t]) => chain(y, t),
    batch: (_, operands) => apply<UnaryName>(op, operands, {}),
    evaluate: ([x], y) => evaluateUnary(x.data, y, value),
  };
}

type BinaryName = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum" | "atan2";

/** A function of two elements: its value, and cotangents and tangents as graphs. */
export function binary<P extends BinaryName>(
  op: P,
  value: (a: number, b: number) => number,
  pullback: (y: Applied<P>, g: Value, a: Value, b: Value) => (Value | null)[],
  pushforward: (y: Applied<P>, s: Value | null, t: Value | null, a: Value, b: Value) => Value | null,
): Operation<P> {
  return {
    type(operands) {
      needs(op, "numbers", t => t.dtype !== "bool", operands);
      return common(op, operands);
    },
    pullback: (y, g) => pullback(y, g, y.inputs[0], y.inputs[1]),
    pushforward: (y, [s, t]) => pushforward(y, s, t, y.inputs[0], y.inputs[1]),
    batch: (_, operands, batched, size) => apply<BinaryName>(op, align(operands, batched, size), {}),
    evaluate: ([a, b], y) => evaluateBinary(a.data, b.data, y, y.dtype === "int32" && op === "multiply" ? Math.imul : value),
  };
}

/** The sum of two tangents, either of which may be zero. */
export const plus = (a: Value | null, b: Value | null): Value | null => (a && b ? a.add(b) : (a ?? b));

/** An operation without derivative, element by element. */
export function constantRule<P extends OperationName>(op: P, type: Operation<P>["type"], evaluate: Operation<P>["evaluate"]): Operation<P> {
  return {
    type,
    evaluate,
    pullback: y => y.inputs.map(() => null),
    pushforward: () => null,
    batch: (y, operands, batched, size) => {
      const aligned = align(operands, batched, size);
      return apply(op, aligned, y.params as never, { shape: aligned[0].shape, dtype: y.dtype });
    },
  };
}
