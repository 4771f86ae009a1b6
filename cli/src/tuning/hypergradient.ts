import { adam, linear, solve } from "ufom";
import { numbersOf } from "./knobs.js";
import { stepsOf } from "./problem.js";
import type { Found, Limits } from "./search.js";
import type { Trainer } from "./trainer.js";

/** How hypergradients descend. */
export interface DescentOptions {
  /** How the gradient is taken; `exact` unless told. */
  readonly estimator: string;
  readonly outerSteps: number;
  readonly seed: number;
}

/** Adam's step on logarithms and logits, at the start and at the end. */
const outerRate = { start: 0.3, end: 0.03 } as const;

/** Descends by hypergradients on all folds at once, and takes the θ with the lowest outer loss on the way. */
export async function descend(
  trainer: Trainer,
  limits: Limits,
  { estimator, outerSteps, seed }: DescentOptions,
): Promise<Found | undefined> {
  const { problem, shape, executor, dealt } = trainer,
    curve: [number, number][] = [],
    from = trainer.work,
    over = new AbortController();
  const run = solve(problem, {
    ...{ estimator, outerSteps, seed, executor, signal: AbortSignal.any([limits.signal, over.signal]), workers: 1 },
    outer: adam(linear(outerRate.start, outerRate.end, "end")),
    metaBatch: dealt.tasks.length,
  });
  let before = { step: 0, product: 0, outer: 0 };
  for await (const { counts, loss, index } of run) {
    trainer.count({ step: counts.step - before.step, product: counts.product - before.product, outer: counts.outer - before.outer });
    before = counts;
    curve.push([trainer.work - from, Math.min(loss, curve.at(-1)?.[1] ?? Infinity)]);
    limits.say(`hypergradient: outer step ${index} of ${outerSteps}, loss ${loss.toPrecision(4)}`);
    if (limits.isOver()) over.abort();
  }
  const { best, outcome: ended } = await run.result(),
    outcome = ended === "stopped" && !limits.signal.aborted ? "budget" : ended;
  if (curve.length === 0) return undefined;
  const theta = best.theta,
    total = shape.steps,
    [length] = numbersOf(theta, shape.sizes).length as readonly [number],
    steps = stepsOf(length, total);
  return { config: { theta, steps, total }, loss: best.value, tried: best.index + 1, curve, outcome };
}
