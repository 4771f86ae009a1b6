import { evaluateProgram } from "../../program/evaluate.js";
import { optimize } from "../../program/passes/index.js";
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
  const program = optimize(trace(rates, [k], "float64", ["step"]).program);
  return Array.from(evaluateProgram(program, [k])[program.outputs[0]].data);
}
