import { spread } from "../np/promote.js";
import { moveaxis } from "../np/shape.js";
import { tupleOf } from "../ops/loops.js";
import type { Value } from "../value.js";
import type { Body } from "./body.js";
import { placeholder, spreadBody } from "./body.js";
import type { MakeScan, ScanSpec } from "./scan-value.js";
import { byKind, histories, lastCarry, rowsOfY } from "./scan-value.js";

/** A loop over a leading axis of its operands: one loop whose steps work on all lanes. */
export function batchScan(spec: ScanSpec, operands: readonly Value[], batched: readonly boolean[], size: number, make: MakeScan): Value {
  const { lanes, outputs, isBatched } = lanesOf(spec, batched, size);
  const { carry } = spec,
    wide = (v: Value): Value => spread(v, [size, ...v.shape]);
  const body: Body = {
    first: spec.body.first,
    inputs: spec.body.inputs.map((x, i) => lanes[i] ?? x),
    outputs: spec.body.outputs.map((y, i) => outputs[i] ?? (i < carry && isBatched[i] ? wide(y) : y)),
  };
  const given = byKind(spec, operands),
    was = byKind(spec, batched);
  const loop = make({ ...spec, body }, [
    ...given.constants,
    ...given.carry.map((c, k) => (isBatched[k] && !was.carry[k] ? wide(c) : c)),
    ...given.xs.map((x, k) => (was.xs[k] ? moveaxis(x, 1, 0) : x)),
  ]);
  const whole = (v: Value, yes: boolean) => (yes ? v : wide(v)),
    inRows = (v: Value, yes: boolean) => (yes ? moveaxis(v, 1, 0) : wide(v));
  return tupleOf([
    ...lastCarry(loop).map((v, k) => whole(v, isBatched[k])),
    ...rowsOfY(loop).map((v, k) => inRows(v, outputs[carry + k] !== null)),
    ...histories(loop).map((v, k) => inRows(v, isBatched[k])),
  ]);
}

/** The body over lanes: a carry that a step makes different from lane to lane is so for the next one. */
function lanesOf(
  { body, constants, carry }: ScanSpec,
  batched: readonly boolean[],
  size: number,
): { lanes: (Value | null)[]; outputs: (Value | null)[]; isBatched: readonly boolean[] } {
  const which = [...batched];
  for (;;) {
    const lanes = body.inputs.map((x, i) => (which[i] ? placeholder({ shape: [size, ...x.shape], dtype: x.dtype }) : null)),
      outputs = spreadBody(body, lanes, size);
    const more = outputs.slice(0, carry).flatMap((y, k) => (y && !which[constants + k] ? [constants + k] : []));
    if (more.length === 0) return { lanes, outputs, isBatched: which.slice(constants, constants + carry) };
    for (const i of more) which[i] = true;
  }
}
