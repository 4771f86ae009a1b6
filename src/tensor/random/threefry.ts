import { lift, promote, spread } from "../np/promote.js";
import { apply } from "../operation.js";
import type { Scalar, Value } from "../value.js";

/** Two words of 32 bits, int32 values of shapes that broadcast. */
export type Words = readonly [Scalar, Scalar];

const bitwise = (op: "xor" | "shiftLeft" | "shiftRight", x: Scalar, y: Scalar): Value => apply(op, promote(op, [x, y], "int32"), {});
export const xor = (x: Scalar, y: Scalar): Value => bitwise("xor", x, y);
export const shiftRight = (x: Value, places: number): Value => bitwise("shiftRight", x, places);

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
  const plus = (x: Scalar, y: Scalar): Value => apply("add", promote("threefry", [x, y], "int32"), {});
  const keys = [k0, k1, xor(xor(k0, k1), PARITY)];
  let [x, y] = promote("threefry", [plus(c0, k0), plus(c1, k1)], "int32");
  // The same few numbers again and again: one value each keeps programs short.
  const known = new Map<number, Value>();
  const number = (n: number): Value => {
    const value = known.get(n) ?? spread(lift("threefry", n, "int32"), x.shape);
    known.set(n, value);
    return value;
  };
  const rotate = (v: Value, places: number): Value =>
    xor(bitwise("shiftLeft", v, number(places)), bitwise("shiftRight", v, number(32 - places)));
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
