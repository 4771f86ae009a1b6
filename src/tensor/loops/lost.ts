import { closedOverBy } from "../ops/custom-gradient.js";
import { lostWithin } from "../ops/loops.js";
import { isFloat } from "../types.js";
import type { Value } from "../value.js";
import type { Body } from "./body.js";

/** The values of a body that some of its values are made of, as far as derivatives pass; the inputs end it. */
function behind(values: readonly Value[], inputs: ReadonlySet<Value>): Set<Value> {
  const seen = new Set<Value>(),
    stack = [...values];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v) || !isFloat(v)) continue;
    seen.add(v);
    if (!inputs.has(v) && v.op !== "stopGradient") stack.push(...v.inputs);
  }
  return seen;
}

/**
 * Which inputs of a body reach what a function with a derivative of its own uses from outside. What is carried reaches it from step to step.
 * @param carried the inputs that the first outputs replace
 */
export function lostInputs({ inputs, outputs }: Body, carried: readonly Value[] = []): boolean[] {
  const ends = new Set(inputs);
  const lost = behind(
    [...behind(outputs, ends)].flatMap(v => [...closedOverBy(v), ...lostWithin(v)]),
    ends,
  );
  for (;;) {
    const more = carried.flatMap((c, k) => (lost.has(c) ? [...behind([outputs[k]], ends)].filter(v => ends.has(v) && !lost.has(v)) : []));
    if (more.length === 0) return inputs.map(x => lost.has(x));
    for (const v of more) lost.add(v);
  }
}
