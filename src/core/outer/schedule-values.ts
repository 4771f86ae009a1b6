import { optimize } from "../../program/passes/index.js";
import type { Node, Primitive } from "../../program/program.js";
import type { Operation } from "../../tensor/operation.js";
import { operations } from "../../tensor/ops/index.js";
import { trace } from "../../tensor/trace.js";
import { vmap } from "../../tensor/transform.js";
import type { HostArray } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { scheduled } from "./rate.js";
import type { Schedule } from "./transform.js";

/**
 * The rates γ_k of a schedule as numbers: its program, evaluated by the operations' own rules.
 *
 * @param who whose rate it is, for messages
 * @param steps the k that are asked for
 */
export function scheduleValues(who: string, schedule: Schedule, steps: readonly number[]): readonly number[] {
  const k: HostArray = { shape: [steps.length], dtype: "float64", data: Float64Array.from(steps) };
  const rates = (all: Value) => vmap((step: Value) => scheduled(who, schedule, step))(all);
  const { nodes, constants, outputs } = optimize(trace(rates, [k], "float64", ["step"]).program);
  const values: HostArray[] = [];
  for (const node of nodes) {
    if (node.op === "input") values.push(k);
    else if (node.op === "constant") values.push(constants[(node as Node<"constant">).params.index]);
    else {
      const rules = operations[node.op] as unknown as Operation<Primitive>,
        operands = node.inputs.map(i => values[i]);
      values.push({ shape: node.shape, dtype: node.dtype, data: rules.evaluate(operands, node) });
    }
  }
  return Array.from(values[outputs[0]].data);
}
