import type { RoutineSequence, RoutineStep } from "../executor.js";
import { freeNumbersIn, isLoop, isSequence, numbersIn } from "../executor.js";

/** A number of a step, and between which numbers it moves in the rounds of loops. */
export interface Travel {
  readonly isPlace: boolean;
  readonly low: number;
  readonly high: number;
}

/** Between which numbers those of steps move, in the order of `numbersIn`. */
export const travels = (steps: readonly (RoutineStep | RoutineSequence)[]): readonly Travel[] =>
  steps.flatMap((step): readonly Travel[] => {
    if (isSequence(step)) return travels(longest(step));
    if (!isLoop(step)) {
      const fixed = (isPlace: boolean) => (n: number) => ({ isPlace, low: n, high: n });
      return [
        ...step.inputs.map(input => (typeof input === "number" ? fixed(true)(input) : fixed(false)(input.index))),
        ...step.outputs.map(fixed(true)),
      ];
    }
    const { times, body, strides } = step,
      inner = travels(body);
    // Where the rounds of a loop in the body change in number, places may go farther than in the first round of this one.
    let farther = false,
      at = 0;
    for (const nested of body) {
      if (isLoop(nested) && strides[at] !== 0) farther = true;
      at += numbersIn([nested]).length;
    }
    return [
      { isPlace: false, low: times, high: times },
      ...inner.map(({ isPlace, low, high }, i) => {
        const way = (times - 1) * strides[i];
        if (farther && isPlace && (low < high || way !== 0)) return { isPlace, low: -Infinity, high: Infinity };
        return { isPlace, low: low + Math.min(0, way), high: high + Math.max(0, way) };
      }),
    ];
  });

/** The kinds of a sequence, loops as they go round most often. */
function longest({ kinds, order }: RoutineSequence): RoutineStep[] {
  const times = kinds.map(() => 1),
    lengths = kinds.map(kind => 1 + freeNumbersIn(kind));
  for (let at = 0; at < order.length; at += lengths[order[at]]) {
    const kind = order[at];
    if (isLoop(kinds[kind])) times[kind] = Math.max(times[kind], order[at + 1]);
  }
  return kinds.map((kind, k) => (isLoop(kind) ? { ...kind, times: times[k] } : kind));
}
