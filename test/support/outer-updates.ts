// What single steps of outer transforms and schedules give.
import { expect } from "vitest";
import { HostOuter } from "./host-outer.js";
import type { OuterTransform, Schedule } from "../../src/core/outer/index.js";
import { scheduleValues } from "../../src/core/outer/schedule-values.js";
import { mapTree } from "../../src/core/trees/host-tree.js";
import { createReferenceExecutor } from "../../src/executors/reference/index.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { f64 } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import type { FloatType, HostTree } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

/** Updates of the first steps from θ = 0, gradient by gradient: what θ has moved by. */
export async function updates(
  transform: OuterTransform,
  gradients: readonly HostTree[],
  { dtype = "float64", losses = gradients.map(() => 1) }: { dtype?: FloatType; losses?: readonly number[] } = {},
): Promise<HostTree[]> {
  const start = mapTree(g => ({ ...g, data: g.data.map(() => 0) }), gradients[0]),
    outer = new HostOuter(transform, start, { executor: createReferenceExecutor(), dtype }),
    all: HostTree[] = [];
  let state = await outer.init(start);
  for (const [i, gradient] of gradients.entries()) {
    const step = await outer.update(gradient, state, start, i + 1, losses[i]);
    all.push(step.theta);
    ({ state } = step);
  }
  return all;
}
export const once = async (transform: OuterTransform, gradient: HostTree, dtype?: FloatType): Promise<HostTree> =>
  (await updates(transform, [gradient], { dtype }))[0];

/** A schedule at some steps by the operations' rules, which must be what WebAssembly makes of its program to rounding. */
export function at(schedule: Schedule, ...steps: number[]): readonly number[] {
  const values = scheduleValues("a test", schedule, steps),
    executor = createWasmExecutor(),
    rate = (k: Value) => np.stack(Array.from(steps, (_, i) => np.add(0, schedule(k.slice(i), np.zeros([])))));
  const executable = executor.compile(trace(rate, [f64(steps)], "float64").program),
    [there] = [executor.read(executable.run([executor.upload(f64(steps))])[0])];
  for (const [i, x] of values.entries()) expect(Math.abs(there.data[i] - x)).toBeLessThanOrEqual(4e-16 * Math.abs(x));
  executor.dispose();
  return values;
}
