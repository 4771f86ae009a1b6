import { loopValue, rememberRows } from "../ops/loops.js";
import type { Value } from "../value.js";
import { usedOfAround } from "./body.js";
import { lostInputs } from "./lost.js";
import { programOf } from "./emitted.js";
import { batchScan } from "./scan-batch.js";
import { pullScan } from "./scan-pullback.js";
import { pushScan } from "./scan-pushforward.js";
import type { MakeScan, ScanSpec, ScanValue } from "./scan-value.js";
import { resultTypes } from "./scan-value.js";

/** A loop in the graph. What its body uses of around becomes constants, so that derivatives and lanes pass through it. */
export const makeScan: MakeScan = (given: ScanSpec, operands: readonly Value[]): ScanValue => {
  const around = usedOfAround([given.body]);
  const body = around.length ? { ...given.body, inputs: [...around, ...given.body.inputs] } : given.body;
  const spec: ScanSpec = { ...given, body, constants: around.length + given.constants };
  const value: Value = loopValue("scan", [...around, ...operands], {
    results: resultTypes(spec),
    within: body.outputs,
    lost: () => {
      const found = lostInputs(body, body.inputs.slice(spec.constants, spec.constants + spec.carry));
      return value.inputs.filter((_, i) => found[i]);
    },
    pullback: (y, g) => pullScan({ ...spec, value: y }, g, makeScan),
    pushforward: (y, tangents) => pushScan({ ...spec, value: y }, tangents, makeScan),
    batch: (_, lanes, batched, size) => batchScan(spec, lanes, batched, size, makeScan),
    parameters(emit) {
      const { constants, carry, length, reverse, every } = spec;
      return { body: programOf(body, emit), constants, carry, length, reverse, every };
    },
  });
  const first = spec.constants + spec.carry;
  body.inputs.forEach((x, i) => i >= first && rememberRows(x, value.inputs[i]));
  return { ...spec, value };
};
