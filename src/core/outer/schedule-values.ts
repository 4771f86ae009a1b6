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
 * @param shares how much of the run is done before each of them; 0 unless told
 */
export function scheduleValues(
  who: string,
  schedule: Schedule,
  steps: readonly number[],
  shares: readonly number[] = steps.map(() => 0),
): readonly number[] {
  const given = [steps, shares].map((list): HostArray => ({ shape: [list.length], dtype: "float64", data: Float64Array.from(list) }));
  const rates = (...all: Value[]) => vmap((step: Value, share: Value) => scheduled(who, schedule, step, share))(...(all as [Value, Value]));
  const program = optimize(trace(rates, given, "float64", ["step", "share"]).program);
  return Array.from(evaluateProgram(program, given)[program.outputs[0]].data);
}
