import { costOf } from "./cost.js";
import type { Program } from "./program.js";

/** What a call takes beside its work. */
const CALL = 500;

const known = new WeakMap<Program, number>();

/** About how long a call of a program takes, counted from shapes: a unit is an operation on one number, or four bytes that are moved. */
export function effortOf(program: Program): number {
  let effort = known.get(program);
  if (effort === undefined) {
    const { flops, bytes } = costOf(program);
    known.set(program, (effort = CALL + flops + bytes / 4));
  }
  return effort;
}
