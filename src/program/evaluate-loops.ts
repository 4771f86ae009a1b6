import { allocate, sizeOf } from "../tensor/types.js";
import type { HostArray, Type } from "../tensor/types.js";
import { historyRowOf, isScan, rowOf, scanResults, yields } from "./loops.js";
import type { Node, Program, Scan } from "./program.js";

/** The outputs of a program on some inputs. */
export type Evaluate = (program: Program, inputs: readonly HostArray[]) => HostArray[];

const empty = (type: Type): HostArray => ({ shape: type.shape, dtype: type.dtype, data: allocate(type) });

/** A row along the first axis. */
export function rowAt({ shape: [, ...shape], dtype, data }: HostArray, i: number): HostArray {
  const size = sizeOf(shape);
  return { shape, dtype, data: data.slice(i * size, (i + 1) * size) };
}
const setRow = (into: HostArray, i: number, { data }: HostArray): void => into.data.set(data, i * data.length);

/** All results of a scan or a choice, by running the programs within. */
export const evaluateLoop = (node: Node<"scan" | "cond">, operands: readonly HostArray[], evaluate: Evaluate): HostArray[] => {
  if (isScan(node)) return evaluateScan(node.params, operands, evaluate);
  const { onTrue, onFalse } = (node as Node<"cond">).params,
    [pred, ...inputs] = operands;
  return evaluate(pred.data[0] === 0 ? onFalse : onTrue, inputs);
};

function evaluateScan(scan: Scan, operands: readonly HostArray[], evaluate: Evaluate): HostArray[] {
  const { body, constants, carry, length } = scan,
    fixed = operands.slice(0, constants),
    xs = operands.slice(constants + carry),
    results = scanResults(scan).map(empty),
    ys = results.slice(carry, carry + yields(scan)),
    histories = results.slice(carry + ys.length);
  let state = operands.slice(constants, constants + carry);
  for (let s = 0; s < length; s++) {
    const at = rowOf(scan, s),
      kept = historyRowOf(scan, s);
    if (kept !== undefined) histories.forEach((h, k) => setRow(h, kept, state[k]));
    const outputs = evaluate(body, [...fixed, ...state, ...xs.map(x => rowAt(x, at))]);
    state = outputs.slice(0, carry);
    ys.forEach((y, k) => setRow(y, at, outputs[carry + k]));
  }
  return [...state, ...ys, ...histories];
}
