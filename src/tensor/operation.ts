import type { Primitives } from "../program/program.js";
import type { OperationName, Value } from "./value.js";
import { Value as Node } from "./value.js";
import type { HostArray, Type, TypedArray } from "./types.js";
import { rulesFor } from "./ops/index.js";

/** Parameters of an operation. */
export type Parameters<P extends OperationName> = P extends keyof Primitives ? Primitives[P] : Record<never, never>;

/** A value made by operation P. */
export interface Applied<P extends OperationName> extends Value {
  readonly params: Parameters<P> & Primitives[keyof Primitives];
}

/** An operation with all its rules. Derivatives are graphs of operations again, so that any order and nesting works. */
export interface Operation<P extends OperationName> {
  /** The result's type. `wanted` is what the operands leave open: the shape of a reshape, the dtype of a cast. @throws on operands that do not fit */
  type(operands: readonly Type[], params: Parameters<P>, wanted?: Partial<Type>): Type;
  /** Cotangents of the operands from that of the result: ȳ ↦ (∂y/∂x)ᵀȳ; null where the derivative is zero by rule. */
  pullback(y: Applied<P>, cotangent: Value): readonly (Value | null)[];
  /** Tangent of the result from those of the operands: ẋ ↦ (∂y/∂x)ẋ; null is a zero tangent. */
  pushforward(y: Applied<P>, tangents: readonly (Value | null)[]): Value | null;
  /** The operation over a leading axis of `size`; `operands[i]` has that axis where `batched[i]`. The result has it. */
  batch(y: Applied<P>, operands: readonly Value[], batched: readonly boolean[], size: number): Value;
  /** The numbers, in float64 rounded to the result's dtype. */
  evaluate(operands: readonly HostArray[], y: Type & { readonly params: Parameters<P> }): TypedArray;
}

/** Applies an operation: checks its operands and makes the value. */
export function apply<P extends OperationName>(op: P, operands: readonly Value[], params: Parameters<P>, wanted?: Partial<Type>): Value {
  const { shape, dtype } = rulesFor(op).type(operands, params, wanted);
  return new Node(op, operands, params, shape, dtype);
}

/** The rules of a value's operation. */
export const rulesOf = (v: Value): Operation<OperationName> => rulesFor(v.op);
