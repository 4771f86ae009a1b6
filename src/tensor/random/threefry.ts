import { promote } from "../np/promote.js";
import { apply } from "../operation.js";
import type { Operand, Value } from "../value.js";

/** Two words of 32 bits, int32 values of shapes that broadcast. */
export type Words = readonly [Operand, Operand];

const bitwise = (op: "xor" | "shiftLeft" | "shiftRight", x: Operand, y: Operand): Value => apply(op, promote(op, [x, y], "int32"), {});
export const xor = (x: Operand, y: Operand): Value => bitwise("xor", x, y);
export const shiftRight = (x: Value, places: number): Value => bitwise("shiftRight", x, places);
const rotate = (x: Value, places: number): Value => xor(bitwise("shiftLeft", x, places), shiftRight(x, 32 - places));

/** Distances of the rotations in one group of four rounds and in the next. */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds: a block of two random words for each counter, by additions, rotations and exclusive ors.
 *
 * J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC11, 2011.
 */
export function threefry([k0, k1]: Words, [c0, c1]: Words): [Value, Value] {
  const keys = [k0, k1, xor(xor(k0, k1), PARITY)];
  const plus = (x: Operand, y: Operand): Value => apply("add", promote("threefry", [x, y], "int32"), {});
  let [x, y] = [plus(c0, k0), plus(c1, k1)];
  for (let group = 0; group < 5; group++) {
    for (const places of rotations[group % 2]) {
      x = plus(x, y);
      y = xor(rotate(y, places), x);
    }
    x = plus(x, keys[(group + 1) % 3]);
    y = plus(y, plus(keys[(group + 2) % 3], group + 1));
  }
  return [x, y];
}
