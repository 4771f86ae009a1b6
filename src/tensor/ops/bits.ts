import type { Operation } from "../operation.js";
import { common, constantRule, evaluateBinary, needs } from "./elementwise.js";

/** An operation on the bits of whole numbers, which has no derivative. */
const bitwise = <P extends "xor" | "shiftLeft" | "shiftRight">(op: P, value: (a: number, b: number) => number): Operation<P> =>
  constantRule<P>(
    op,
    operands => {
      needs(op, "int32 numbers", t => t.dtype === "int32", operands);
      return common(op, operands);
    },
    ([a, b], y) => evaluateBinary(a.data, b.data, y, value),
  );

export const xor = bitwise("xor", (a, b) => a ^ b);
export const shiftLeft = bitwise("shiftLeft", (a, b) => a << b);
export const shiftRight = bitwise("shiftRight", (a, b) => a >>> b);
