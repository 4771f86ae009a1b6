import { numbersOf } from "../constants.js";
import { rulesOf } from "../operation.js";
import type { Bound } from "../ops/bounded.js";
import { checkBound, withBound } from "../ops/bounded.js";
import type { HostArray } from "../types.js";
import { sizeOf } from "../types.js";
import type { Value } from "../value.js";

/** Elements of a value that is worth computing where it is used as positions. */
const MOST = 65_536;

/** Operations whose results are known where their operands are. */
const followed: readonly Value["op"][] = [
  "reshape",
  "transpose",
  "broadcast",
  "slice",
  "flip",
  "concatenate",
  "stopGradient",
  "bounded",
  "cast",
  "add",
  "subtract",
  "multiply",
  "negative",
];

/** The numbers of a value that no input reaches, if they are few and were moved or combined by the simplest operations only. */
function known(v: Value): HostArray | undefined {
  const { shape, dtype } = v;
  if (sizeOf(shape) > MOST) return undefined;
  if (v.op === "constant") return numbersOf(v);
  const isLeaf = v.op === "literal" || v.op === "iota";
  if (!isLeaf && !followed.includes(v.op)) return undefined;
  const operands: HostArray[] = [];
  for (const x of v.inputs) {
    const numbers = known(x);
    if (!numbers) return undefined;
    operands.push(numbers);
  }
  return { shape, dtype, data: rulesOf(v).evaluate(operands, v) };
}

/**
 * Indices that are to lie within a bound: known ones are checked at once; what a task holds is checked where the task is placed.
 * @throws a sentence with the first known index that is outside
 */
export function within(indices: Value, bound: Bound): Value {
  const numbers = known(indices);
  if (!numbers) return withBound(indices, bound);
  checkBound(numbers, bound);
  return indices;
}
