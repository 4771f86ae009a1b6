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

/** What a pass back over the inner steps makes of u_r = ∂_φ L_out(φ_r): one object for one gradient. */
export interface Sweep {
  /** How many steps back it goes. */
  readonly depth: number;
  /** In which order it takes the steps. */
  readonly order: "reverse" | "any";
  /** What a visit runs. */
  readonly program: Definition;
  /** Whether its visits read what a step kept, where they are given that: then a pass may have steps keep it. */
  readonly resumes?: boolean;
  /** Starts it at φ_r. The sweep only borrows u_r. */
  begin(place: Place, u: State): SweepIterator;
}

/** A sweep on its way back. */
export interface SweepIterator {
  /** Called with (x_{j−1}, j) for the last `depth` steps. */
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

export const deepest = (sweeps: readonly Sweep[]): number => Math.max(0, ...sweeps.map(s => s.depth));

/**
 * One pass over the inner loop: r steps forward, the outer gradient at φ_r, then sweeps back over the states that a memory strategy hands
 * out. Several sweeps share it.
 *
 * @throws what a program throws, and if a sweep needs the states in another order than the strategy's
 */
export async function pass(place: Place, sweeps: readonly Sweep[], given: MemoryStrategy): Promise<PassResult> {
  const memory = fitted(given, place.machine.programs.state);
  if (memory.order !== "reverse" && sweeps.some(s => s.order === "reverse"))
    fail("a reverse sweep", "needs a memory strategy that visits in reverse order", memory.name);
  const { machine } = place,
    { steps, programs } = machine,
    from = steps - deepest(sweeps),
    { step: keptStep, steps: keeping = 0 } = keptSteps(memory, machine, sweeps) ?? {},
    iterators: SweepIterator[] = [];
  let end: { readonly loss: Buffer; readonly gradient: readonly (Buffer | undefined)[] } | undefined;
  const start = await place.unroll(await place.init(), 1, from);
  const { peakStates } = await memory.walk({
    from,
    to: steps,
    start,
    forward: (x, j) => place.step(x, j),
    unroll: (x, first, last) => place.unroll(x, first + 1, last),
    atEnd: async x => {
      const { loss, u, theta } = await place.outer(x),
        gradient: (Buffer | undefined)[] = [];
      programs.of(outer).leaves.forEach((leaf, k) => (gradient[leaf] = theta[k]));
      end = { loss, gradient };
      for (const sweep of sweeps) iterators.push(sweep.begin(place, u));
    },
    visit: (x, j) => visitAll(iterators, sweeps, x, j, steps),
    ...(keptStep && keeping
      ? {
          residuals: {
            steps: keeping,
            forward: (x: State, j: number) => place.stepKeeping(keptStep, x, j),
            visit: (x: State, j: number, residuals: State) => visitAll(iterators, sweeps, x, j, steps, { step: keptStep, residuals }),
          },
        }
      : {}),
    release: state => {
      machine.release(state);
    },
  });
  const { loss, gradient } = end ?? fail(`the memory strategy ${memory.name}`, "must call atEnd at the last state", "no call"),
    gradients: (Buffer | undefined)[][] = [];
  for (const iterator of iterators) {
    const { u, g, leaves } = iterator.end(),
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
    if (j <= steps - sweeps[i].depth) continue;
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
