import type { Awaitable, Buffer, Executable } from "../../executors/executor.js";
import { leafTypes } from "../../tensor/trace.js";
import type { Counts } from "../counts.js";
import type { Choice, Estimator, LeafBuffers } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { countsOf } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import { Place } from "../evaluation/place.js";
import type { Pauses } from "../evaluation/pauses.js";
import type { BatchBuffers, Details, Given } from "./batch-buffers.js";
import { Ran } from "./batch-buffers.js";
import type { Moves } from "../evaluation/recorder.js";
import { Recorder, TooLong } from "../evaluation/recorder.js";
import type { Stretch } from "../evaluation/forms.js";
import { copy } from "../evaluation/warm-place.js";
import { byLeaf, firstSum, leavesOf, meanOf, nextSum, summands } from "./mean.js";
import { OneAtATime } from "./one-at-a-time.js";
import { PlanArrays } from "./plan-arrays.js";
import { Player } from "./player.js";

/** What tells plans apart. */
export function planKey({ plan }: Choice): string {
  if (typeof plan !== "object" || plan === null) return JSON.stringify(plan);
  let key = keys.get(plan);
  if (key === undefined) keys.set(plan, (key = JSON.stringify(plan)));
  return key;
}
const keys = new WeakMap<object, string>();

/** A plan that was written down once, to be repeated for each task that draws it. */
interface RecordedPlan {
  readonly counts: Counts;
  readonly work: number;
  readonly peakStates: number;
  readonly loss: Buffer;
  readonly gradient: LeafBuffers;
  readonly carry: readonly (readonly [name: string, values: State])[];
  /** The values that stand for its arrays, those of the first task. */
  readonly arrays: State;
}

/** What stands around the evaluations in the same routine: tasks that are drawn there, and an outer step with the mean. */
export interface Continuation {
  /** More values that the routine is given. */
  inputs(recorder: Recorder): State;
  /** What draws the tasks, if they are not given: a program and its inputs for each place in the batch. */
  readonly sampling?: { readonly executable: Awaitable<Executable>; inputs(recorder: Recorder, inputs: State, index: number): State };
  /** Writes down what is done with the mean. @returns values to be read */
  record(
    recorder: Recorder,
    theta: State,
    inputs: State,
    mean: { readonly loss: Buffer; readonly gradient: LeafBuffers },
  ): Awaitable<State>;
}

/** Evaluations of any number of tasks as one routine: each by the plan that it drew, one after another, then their mean. */
export interface RecordedBatch {
  /**
   * Runs it, with the values that the continuation is given, and does something with what it came to; no tasks where they are drawn. Who asks
   * meanwhile waits. It answers at once unless it pauses or has to wait.
   */
  use<R>(given: Given, choices: readonly Choice[], pauses: Pauses, f: (ran: Ran) => Awaitable<R>): Awaitable<R>;
  /**
   * Runs it several times in a row on the same tasks, or on such as are drawn, without a pause: as often as there is time for, at least once.
   * The first draw must be short.
   * @param f is given what the last run gave its continuation's reader
   */
  useRow<R>(given: Given, draws: readonly (readonly Choice[])[], pauses: Pauses, f: (continued: State) => Awaitable<R>): Awaitable<R>;
  /** Whether it has the plans of all draws. */
  knows(draws: readonly (readonly Choice[])[]): boolean;
  /** Whether a draw is so short that a row of them is worth while. */
  isShort(choices: readonly Choice[]): boolean;
  /** Whether the draws read the same arrays, so that they may be run in a row. */
  agree(draws: readonly (readonly Choice[])[]): boolean;
  /** What a draw counts as, and the most states that it holds. */
  counts(choices: readonly Choice[]): Counts;
  peakStates(choices: readonly Choice[]): number;
  dispose(): void;
}

/**
 * Writes a batch down.
 *
 * @param choices one of each plan that may be drawn
 * @param signal ends it, when nobody waits for it any more
 * @returns nothing where the executor runs calls one by one, or the batch is too long for a routine, or too large for the memory
 */
export async function recordBatch(
  compiled: CompiledProblem,
  estimator: Estimator,
  choices: readonly Choice[],
  tasks: number,
  continuation?: Continuation,
  signal?: AbortSignal,
): Promise<RecordedBatch | undefined> {
  const { executor } = compiled;
  if (!executor.link) return undefined;
  const arrays = new PlanArrays(executor, choices, tasks);
  try {
    return await record(compiled, estimator, choices, tasks, arrays, continuation, signal);
  } catch (error) {
    arrays.dispose();
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

async function record(
  compiled: CompiledProblem,
  estimator: Estimator,
  choices: readonly Choice[],
  n: number,
  arrays: PlanArrays,
  continuation: Continuation | undefined,
  signal: AbortSignal | undefined,
): Promise<RecordedBatch | undefined> {
  const { executor, programs } = compiled,
    recorder = new Recorder(compiled, signal),
    theta = recorder.inputs(programs.thetaTypes),
    taskTypes = leafTypes(programs.task),
    sampling = continuation?.sampling,
    // Tasks that are drawn are drawn where they are used, all in one place.
    drawn = sampling && taskTypes.map(type => recorder.own(type)),
    tasks = Array.from({ length: n }, () => drawn ?? recorder.inputs(taskTypes)),
    more = continuation?.inputs(recorder) ?? [],
    borrow = (buffers: readonly Buffer[]) => buffers.map(buffer => recorder.borrow(buffer));

  const plans: RecordedPlan[] = [],
    patterns: Stretch[] = [];
  for (const [p, choice] of choices.entries()) {
    const given = borrow(arrays.of(0, p)),
      { loss, gradient, peakStates, carry } = await estimator.evaluate(
        new Place(recorder, theta, tasks[0]),
        choice.plan,
        arrays.named(p, given),
      ),
      { steps, tally } = recorder.pattern();
    patterns.push(steps);
    plans.push({
      counts: countsOf(tally),
      work: compiled.workOf(tally),
      peakStates: peakStates ?? 1,
      loss,
      gradient,
      carry: Object.entries(carry ?? {}),
      arrays: given,
    });
    recorder.freeAll();
  }
  // What the plans gave lies in slots that they take in turns; from here on nothing else may.
  recorder.seal();

  const leaves = leavesOf(plans.map(({ gradient }) => gradient)),
    zeros = (leaf: number) => recorder.constant(programs.zeros(leaf)),
    types = leaves.map(leaf => programs.thetaTypes[leaf]),
    alone = n === 1 && plans.length === 1;
  // Sums take turns in two places, as a program writes to none of its inputs.
  const sums = alone ? [] : [0, 1].map(() => [plans[0].loss, ...types].map(({ shape }) => recorder.own({ shape, dtype: "float64" })));
  const carried: { readonly name: string; readonly values: State }[][][] = [];
  for (let i = 0; i < n; i++) {
    carried.push([]);
    for (const [p, plan] of plans.entries()) {
      // What is carried is read after all tasks: each has places of its own for it, unless it was given.
      const left = plan.carry.flatMap(([, values]) => values).filter(value => !recorder.isGiven(value)),
        own = alone ? left : left.map(value => recorder.own(value)),
        // A value that lies where a loop passes by is copied out of its way.
        copied = alone ? [] : [...left.keys()].filter(k => !recorder.isMovable(left[k], patterns[p])),
        movable = [...left.keys()].filter(k => !copied.includes(k));
      const moves: Moves = recorder.moves(
        [...tasks[0], ...plan.arrays, ...movable.map(k => left[k])],
        [...tasks[i], ...borrow(arrays.of(i, p)), ...movable.map(k => own[k])],
      );
      if (sampling) recorder.into(await sampling.executable, sampling.inputs(recorder, more, i), tasks[i]);
      recorder.repeat(patterns[p], moves);
      if (copied.length) {
        const values = copied.map(k => left[k]);
        recorder.into(
          await compiled.executable(copy, [values]),
          values,
          copied.map(k => own[k]),
        );
      }
      if (!alone) {
        const values = summands(plan.loss, plan.gradient, leaves, zeros).map(value => recorder.moved(value, moves)),
          into = sums[i % 2],
          before = sums[(i + 1) % 2];
        if (i === 0) recorder.into(await compiled.executable(firstSum, [values]), values, into);
        else recorder.into(await compiled.executable(nextSum, [before, values]), [...before, ...values], into);
      }
      const places = new Map(copied.map(k => [left[k], own[k]]));
      carried[i].push(
        plan.carry.map(([name, values]) => ({ name, values: values.map(value => places.get(value) ?? recorder.moved(value, moves)) })),
      );
      recorder.part();
    }
  }
  let mean: { readonly loss: Buffer; readonly gradient: LeafBuffers } = plans[0];
  if (!alone) {
    const last = sums[(n - 1) % 2],
      likes = leaves.map(zeros),
      executable = await compiled.executable(meanOf(n), [last, likes]),
      outputs = [{ shape: last[0].shape, dtype: last[0].dtype }, ...types].map(type => recorder.own(type));
    recorder.into(executable, [...last, ...likes], outputs);
    mean = { loss: outputs[0], gradient: byLeaf(leaves, outputs.slice(1)) };
  }
  const continued = (await continuation?.record(recorder, theta, more, mean)) ?? [],
    final = recorder.part();

  const present = leavesOf([mean.gradient]),
    outputs = [mean.loss, ...present.map(leaf => mean.gradient[leaf]!), ...continued],
    positions = carried.map(ofTask =>
      ofTask.map(ofPlan =>
        ofPlan.map(({ name, values }) => {
          const at = outputs.length;
          outputs.push(...values);
          return { name, from: at, to: outputs.length };
        }),
      ),
    );
  const { routine, borrowed } = recorder.routine(outputs),
    linked = executor.link!(routine),
    index = new Map(choices.map((choice, p) => [planKey(choice), p]));
  const single = plans.length === 1,
    planOf = (choice: Choice): number => (single ? 0 : index.get(planKey(choice))!),
    // Nobody asks for the time of single evaluations of a batch that is not observed.
    timed = n === 1 || estimator.observe !== undefined,
    nothing: BatchBuffers["carries"] = tasks.map(() => ({})),
    oneAtATime = new OneAtATime();
  const placesOf = (choices: readonly Choice[]): number[] => [...tasks.map((_, i) => i * plans.length + planOf(choices[i])), final];
  const player = new Player(linked, routine, borrowed, timed, choices => {
    for (let i = 0; i < n; i++) {
      const p = planOf(choices[i]);
      if (plans[p].arrays.length) arrays.write(i, p, choices[i]);
    }
    return placesOf(choices);
  });
  const continuedIn = (found: readonly Buffer[]): State => found.slice(1 + present.length, 1 + present.length + continued.length);
  /** How often each plan was drawn. */
  const timesOf = (choices: readonly Choice[]): number[] => {
    const times = plans.map(() => 0);
    for (const choice of choices) times[planOf(choice)]++;
    return times;
  };
  const counts = (choices: readonly Choice[]): Counts => {
    if (n === 1) return plans[planOf(choices[0])].counts;
    const sum = { step: 0, product: 0, outer: 0 };
    for (const [p, times] of timesOf(choices).entries())
      for (const kind of ["step", "product", "outer"] as const) sum[kind] += times * plans[p].counts[kind];
    return sum;
  };
  const peakStates = (choices: readonly Choice[]): number =>
    timesOf(choices).reduce((most, times, p) => (times ? Math.max(most, plans[p].peakStates) : most), 0);
  const carriesIn = (found: readonly Buffer[], choices: readonly Choice[]): BatchBuffers["carries"] =>
    plans.every(({ carry }) => !carry.length)
      ? nothing
      : choices.map((choice, i) =>
          Object.fromEntries(positions[i][planOf(choice)].map(({ name, from, to }) => [name, found.slice(from, to)])),
        );
  const details: Details = {
    carries: carriesIn,
    work: choices => choices.map(choice => plans[planOf(choice)].work),
    seconds: choices => choices.map((choice, i) => (timed && linked.seconds?.[i * plans.length + planOf(choice)]) || NaN),
  };
  return {
    use: (given, choices, pauses, f) =>
      oneAtATime.use(() => {
        const then = (found: readonly Buffer[]) => {
          const gradient = byLeaf(present, found.slice(1));
          return f(new Ran(found[0], gradient, continuedIn(found), counts(choices), peakStates(choices), found, choices, details));
        };
        const found = player.play(given, choices, pauses);
        return isPromise(found) ? found.then(then) : then(found);
      }),
    useRow: (given, draws, pauses, f) => oneAtATime.use(() => f(continuedIn(player.playRow(given, draws, pauses)))),
    knows: draws => draws.every(choices => choices.every(choice => index.has(planKey(choice)))),
    isShort: choices => player.isShort(placesOf(choices)),
    agree: draws => arrays.agree(draws, planOf),
    counts,
    peakStates,
    dispose() {
      oneAtATime.whenFree(() => {
        linked.dispose();
        arrays.dispose();
      });
    },
  };
}
