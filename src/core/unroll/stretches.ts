import type { MemoryStrategy } from "../memory/strategy.js";

/** Which steps a sweep visits: the last `depth`, and of those before them the first `head`. */
export interface Visited {
  readonly depth: number;
  readonly head?: number;
}

/** Steps from + 1 … to, whose states a walk hands out. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Whether a sweep visits step j of so many. */
export const visits = ({ depth, head = 0 }: Visited, j: number, steps: number): boolean => j > steps - depth || j <= head;

/** How many steps a sweep visits. */
export const visitsOf = ({ depth, head = 0 }: Visited): number => depth + head;

/**
 * The stretches of an inner loop that hold every step that one of the sweeps visits: one that ends with the loop, one at its beginning, or both. With
 * no step to visit it is an empty one at the end.
 */
export function stretchesOf(sweeps: readonly Visited[], steps: number): readonly Stretch[] {
  const depth = Math.max(0, ...sweeps.map(s => s.depth)),
    head = Math.max(0, ...sweeps.map(s => s.head ?? 0)),
    last = { from: steps - depth, to: steps };
  if (head === 0) return [last];
  if (head >= last.from) return [{ from: 0, to: steps }];
  return depth === 0 ? [{ from: 0, to: head }] : [{ from: 0, to: head }, last];
}

/** How many steps lie in stretches. */
export const lengthOf = (stretches: readonly Stretch[]): number => stretches.reduce((sum, { from, to }) => sum + to - from, 0);

/** Of the last `n` steps of stretches, how many a sweep visits. */
export function visitsAmong({ depth, head = 0 }: Visited, stretches: readonly Stretch[], n: number, steps: number): number {
  let before = 0,
    left = n;
  for (const { from, to } of [...stretches].reverse()) {
    before = Math.max(from, to - left);
    left -= to - before;
    if (left <= 0) break;
  }
  return steps - Math.max(before, steps - depth) + Math.max(0, head - before);
}

/**
 * The strategies of stretches that are walked one within another: the first still holds its states while the loop goes on to the next, or to its end.
 */
export function strategiesOf(memory: MemoryStrategy, stretches: readonly Stretch[], steps: number): readonly MemoryStrategy[] {
  const [first, second] = stretches.map(({ from, to }) => to - from) as [number, number?];
  if (second === undefined && stretches[0].to === steps) return [memory];
  return (memory.parts?.(first, second ?? 0) ?? [memory, memory]).slice(0, stretches.length);
}

/** The most states that walks over the stretches hold at once. */
export const statesOf = (memory: MemoryStrategy, stretches: readonly Stretch[], steps: number): number =>
  strategiesOf(memory, stretches, steps).reduce((sum, part, i) => sum + part.states(stretches[i].to - stretches[i].from), 0);

/** Inner steps beyond one forward pass that walks over the stretches take. */
export const extraStepsOf = (memory: MemoryStrategy, stretches: readonly Stretch[], steps: number): number =>
  strategiesOf(memory, stretches, steps).reduce((sum, part, i) => sum + part.extraSteps(stretches[i].to - stretches[i].from), 0);
