import type { Awaitable, Buffer } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { State } from "../evaluation/machine.js";
import type { KeptResiduals, Place, ThetaBuffers } from "../evaluation/place.js";
import { fitted } from "../memory/fit.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { Definition } from "../problem/definitions.js";
import { outer } from "../problem/definitions.js";
import { add } from "./formulas.js";
import { keptSteps } from "./kept.js";
import { lengthOf, strategiesOf, stretchesOf, visits } from "./stretches.js";

/** What a pass back over the inner steps makes of u_r = ∂_φ L_out(φ_r): one object for one gradient. */
export interface Sweep {
  /** How many steps back it goes. */
  readonly depth: number;
  /** How many of the first steps it visits after those, fewer than there are left; 0 if not given. */
  readonly head?: number;
  /** In which order it takes the steps. */
  readonly order: "reverse" | "any";
  /** What a visit runs. */
  readonly program: Definition;
  /** Whether its visits read what a step kept, where they are given that: then a pass may have steps keep it. */
  readonly resumes?: boolean;
  /** Whether its gradient is zero, that of the outer loss with respect to θ included: then it is never begun. */
  readonly isZero?: boolean;
  /** Starts it at φ_r. The sweep only borrows u_r. */
  begin(place: Place, u: State): SweepIterator;
}

/** A sweep on its way back. */
export interface SweepIterator {
  /** Called with (x_{j−1}, j) for the last `depth` steps, then for the first `head`. */
  visit(x: State, j: number, kept?: KeptResiduals): Awaitable<void>;
  /** What is left of u, for the start's pull-back, and the gradient that the steps gave to leaves of θ. The caller only borrows both. */
  end(): { readonly u: State; readonly g: ThetaBuffers; readonly leaves: readonly number[] };
}

/** What a pass gave. */
export interface PassResult {
  readonly loss: Buffer;
  /** One a sweep; undefined leaves are zero. */
  readonly gradients: readonly (readonly (Buffer | undefined)[])[];
  readonly peakStates: number;
}

/**
 * One pass over the inner loop: r steps forward, the outer gradient at φ_r, then sweeps back over the states that a memory strategy hands
 * out. Several sweeps share it.
 *
 * @throws what a program throws, and if a sweep needs the states in another order than the strategy's
 */
export async function pass(place: Place, all: readonly Sweep[], given: MemoryStrategy): Promise<PassResult> {
  const sweeps = all.filter(({ isZero }) => !isZero),
    memory = fitted(given, place.machine.programs.state);
  if (memory.order !== "reverse" && sweeps.some(s => s.order === "reverse"))
    fail("a reverse sweep", "needs a memory strategy that visits in reverse order", memory.name);
  const { machine } = place,
    { steps, programs } = machine,
    stretches = stretchesOf(sweeps, steps),
    strategies = strategiesOf(memory, stretches, steps),
    { step: keptStep, steps: keeping = 0 } = keptSteps(memory, machine, sweeps) ?? {},
    iterators: SweepIterator[] = [];
  let end: { readonly loss: Buffer; readonly gradient: readonly (Buffer | undefined)[] } | undefined;

  const atEnd = async (x: State): Promise<void> => {
    if (!sweeps.length) {
      end = { loss: await place.outerLoss(x), gradient: [] };
      return;
    }
    const { loss, u, theta } = await place.outer(x),
      gradient: (Buffer | undefined)[] = [];
    programs.of(outer).leaves.forEach((leaf, k) => (gradient[leaf] = theta[k]));
    end = { loss, gradient };
    for (const sweep of sweeps) iterators.push(sweep.begin(place, u));
  };
  /**
   * From the end of a stretch, whose state is given back, over steps that nobody visits to the next one or to the end of the loop.
   * @returns the most states that were held beside those of the stretch
   */
  const goOn = async (i: number, x: State): Promise<number> => {
    const next = i + 1 < stretches.length ? stretches[i + 1].from : steps,
      { to } = stretches[i],
      first = await place.step(x, to + 1);
    machine.release(x);
    const later = await place.unroll(first, to + 2, next);
    if (i + 1 < stretches.length) return walk(i + 1, later);
    try {
      await atEnd(later);
    } finally {
      machine.release(later);
    }
    return 0;
  };
  /** Walks over a stretch and what comes after it; gives the most states that were held at once. */
  const walk = async (i: number, start: State): Promise<number> => {
    const { from, to } = stretches[i],
      strategy = strategies[i],
      // The last steps keep their residuals, in whichever stretch they lie.
      residualSteps = Math.min(to - from, keeping - lengthOf(stretches.slice(i + 1)));
    // The end of a stretch that the loop goes on from is not held until it is back.
    let beside: number | undefined, gone: State | undefined;
    const { peakStates } = await strategy.walk({
      from,
      to,
      start,
      forward: (x, j) => place.step(x, j),
      unroll: (x, first, last) => place.unroll(x, first + 1, last),
      atEnd: async x => {
        if (to === steps) await atEnd(x);
        else beside = await goOn(i, (gone = x));
      },
      visit: (x, j) => visitAll(iterators, sweeps, x, j, steps),
      ...(keptStep && residualSteps > 0
        ? {
            residuals: {
              steps: residualSteps,
              forward: (x: State, j: number) => place.stepKeeping(keptStep, x, j),
              visit: (x: State, j: number, residuals: State) => visitAll(iterators, sweeps, x, j, steps, { step: keptStep, residuals }),
            },
          }
        : {}),
      release: state => {
        if (state !== gone) machine.release(state);
      },
    });
    return beside === undefined ? peakStates : Math.max(peakStates, strategy.states(to - from) + beside);
  };

  const peakStates = await walk(0, await place.unroll(await place.init(), 1, stretches[0].from)),
    { loss, gradient } = end ?? fail(`the memory strategy ${memory.name}`, "must call atEnd at the last state", "no call"),
    gradients: (Buffer | undefined)[][] = [],
    swept = iterators.values();
  for (const { isZero } of all) {
    if (isZero) {
      gradients.push([]);
      continue;
    }
    const { u, g, leaves } = swept.next().value!.end(),
      fromStart = await place.initPullback(u),
      total = [...gradient];
    await accumulate(place, total, g, leaves);
    await accumulate(place, total, fromStart, place.startLeaves);
    gradients.push(total);
  }
  // A loop that keeps nothing still has the state at hand.
  return { loss, gradients, peakStates: Math.max(1, peakStates) };
}

/** Shows a state to the sweeps that go back so far, one after another. */
function visitAll(
  iterators: readonly SweepIterator[],
  sweeps: readonly Sweep[],
  x: State,
  j: number,
  steps: number,
  kept?: KeptResiduals,
): Awaitable<void> {
  let pending: Promise<void> | undefined;
  for (let i = 0; i < sweeps.length; i++) {
    if (!visits(sweeps[i], j, steps)) continue;
    const iterator = iterators[i],
      done = pending ? pending.then(() => iterator.visit(x, j, kept)) : iterator.visit(x, j, kept);
    if (isPromise(done)) pending = done;
  }
  return pending;
}

/** Adds gradients to the leaves that have something already, and gives the others what is new. */
export async function accumulate(
  { machine }: Place,
  total: (Buffer | undefined)[],
  gradients: ThetaBuffers,
  leaves: readonly number[],
): Promise<void> {
  const both = leaves.flatMap((leaf, k) => (total[leaf] ? [{ leaf, old: total[leaf], added: gradients[k] }] : []));
  leaves.forEach((leaf, k) => (total[leaf] ??= gradients[k]));
  if (!both.length) return;
  const sums = await machine.run(
    add,
    both.map(({ old }) => old),
    both.map(({ added }) => added),
  );
  both.forEach(({ leaf }, k) => (total[leaf] = sums[k]));
}
