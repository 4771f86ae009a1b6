import { tupleOf } from "../ops/loops.js";
import { isFloat } from "../types.js";
import type { Value } from "../value.js";
import type { Body } from "./body.js";
import { orZeros, placeholder, pushBody } from "./body.js";
import type { MakeScan, ScanValue } from "./scan-value.js";
import { byKind, histories, lastCarry, rowsOfY } from "./scan-value.js";

/** Tangents of a loop's results: one loop carries the values and their tangents. */
export function pushScan(scan: ScanValue, tangents: readonly (Value | null)[], make: MakeScan): Value | null {
  if (tangents.every(t => t === null)) return null;
  const { body, carry, value } = scan,
    inputs = byKind(scan, body.inputs),
    operands = byKind(scan, value.inputs),
    given = byKind(scan, tangents);
  const { directions, outputs } = moving(scan, body, tangents);
  const own = byKind(scan, directions);
  const present = (list: readonly (Value | null)[]) => list.filter(t => t !== null);
  const moves = own.carry.map(t => t !== null);
  const carried = outputs.slice(0, carry).flatMap((t, k) => (moves[k] ? [orZeros(t, body.outputs[k])] : []));
  const ys = outputs.slice(carry);
  const both: Body = {
    first: body.first,
    inputs: [...inputs.constants, ...present(own.constants), ...inputs.carry, ...present(own.carry), ...inputs.xs, ...present(own.xs)],
    outputs: [...body.outputs.slice(0, carry), ...carried, ...body.outputs.slice(carry), ...present(ys)],
  };
  const loop = make({ ...scan, body: both, constants: scan.constants + present(own.constants).length, carry: carry + carried.length }, [
    ...operands.constants,
    ...present(given.constants),
    ...operands.carry,
    ...operands.carry.flatMap((c, k) => (moves[k] ? [orZeros(given.carry[k], c)] : [])),
    ...operands.xs,
    ...present(given.xs),
  ]);
  const later = (list: readonly Value[], from: number, which: readonly boolean[]) => {
    let at = from;
    return which.map(yes => (yes ? list[at++] : null));
  };
  return tupleOf([
    ...later(lastCarry(loop), carry, moves),
    ...later(
      rowsOfY(loop),
      ys.length,
      ys.map(t => t !== null),
    ),
    ...later(histories(loop), carry, moves),
  ]);
}

/** Inputs of the body with a tangent, each with a place for it, and the tangents of its outputs: what a step moves the next one is moved by. */
function moving(
  scan: ScanValue,
  body: Body,
  tangents: readonly (Value | null)[],
): { directions: (Value | null)[]; outputs: (Value | null)[] } {
  const first = scan.constants,
    moves = tangents.map(t => t !== null);
  for (;;) {
    const directions = body.inputs.map((x, i) => (moves[i] && isFloat(x) ? placeholder(x) : null)),
      outputs = pushBody(body, directions);
    const more = outputs.slice(0, scan.carry).flatMap((t, k) => (t && !moves[first + k] ? [first + k] : []));
    if (more.length === 0) return { directions, outputs };
    for (const i of more) moves[i] = true;
  }
}
