import type { FunctionBuilder } from "../assembler.js";
import { arithmetic, floats, integers, simd } from "./instructions.js";
import type { Argument } from "./argument.js";
import { constant, shuffle } from "./vector.js";
import type { Width } from "./vector.js";

/** Instructions on i32. */
const SHIFT_LEFT = 0x74,
  SHIFT_RIGHT = 0x76;

/** Lanes move by one number, or each by its own. */
export function shift(f: FunctionBuilder, op: "shiftLeft" | "shiftRight", x: Argument, y: Argument): void {
  x.push();
  if (y.literal !== null) {
    f.i32(y.literal).simd(integers[op]);
    return;
  }
  const [values, places] = [f.local("v128"), f.local("v128")];
  f.set(values);
  y.push();
  f.set(places).get(values);
  for (let lane = 0; lane < 4; lane++) {
    f.get(values).simd(integers.extractLane, lane).get(places).simd(integers.extractLane, lane);
    f.op(op === "shiftLeft" ? SHIFT_LEFT : SHIFT_RIGHT).simd(integers.replaceLane, lane);
  }
  f.release(values, places);
}

/** Quotients in float64, which are exact enough, truncated; 0 for a divisor of 0. */
export function divideIntegers(f: FunctionBuilder, width: Width, x: Argument, y: Argument): void {
  const half = (upper: boolean) => {
    for (const a of [x, y]) {
      a.push();
      if (upper) {
        a.push();
        shuffle(f, [2, 3, 2, 3]);
      }
      f.simd(simd.convert64);
    }
    f.simd(floats.float64.divide).simd(simd.truncate64);
  };
  half(false);
  if (width === 4) {
    half(true);
    shuffle(f, [0, 1, 4, 5]);
  }
  y.push();
  constant(f, "int32", 0);
  f.simd(arithmetic.int32.different).simd(simd.and);
}
