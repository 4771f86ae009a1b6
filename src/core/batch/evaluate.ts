import type { Awaitable } from "../../executors/executor.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import { addCounts, noCounts } from "../counts.js";
import type { Arrays, Choice, Costs, Estimator, Seen } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { countsOf } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import { Place } from "../evaluation/place.js";
import { Pauses } from "../evaluation/pauses.js";
import type { Lease } from "../evaluation/resident-trees.js";
import { Scope } from "../evaluation/scope.js";
import { RunningSum } from "./mean.js";
import type { BatchBuffers } from "./batch-buffers.js";
import { recording } from "./recordings.js";

/** One task of a meta-batch, as data: what a worker that has the programs, the estimator's name and θ needs besides. */
export interface Job {
  readonly task: HostTree;
  /** Drawn by who asks, so that it does not depend on who computes. */
  readonly choice: Choice;
}

/**
 * What is done with the mean of a batch while it holds.
 * @param seen what is learned from each evaluation; nothing of an estimator that asks for nothing
 */
export type UseMean<R> = (mean: BatchBuffers, seen: () => Awaitable<readonly Seen[]>) => Awaitable<R>;

/** Divides seconds as the work is divided. */
export function divided(seconds: number, { deterministic, random, alone }: Costs): Costs {
  const total = deterministic + random,
    share = (work: number) => (seconds * work) / total;
  return total > 0
    ? { deterministic: share(deterministic), random: share(random), ...(alone === undefined ? {} : { alone: share(alone) }) }
    : { deterministic: seconds, random: 0 };
}

/** What an estimator learns from an evaluation of a choice. */
export function seenOf(
  compiled: CompiledProblem,
  estimator: Estimator,
  choice: Choice,
  carry: Arrays,
  ran: { readonly work: number; readonly seconds: number },
): Seen {
  const work = estimator.work?.(compiled, choice) ?? { deterministic: ran.work, random: 0 },
    spent = choice.exact ? work : { deterministic: work.deterministic, random: 0 },
    moments = estimator.moments?.(choice, carry),
    tail = estimator.tail?.(choice, carry),
    told = { ...(moments ? { moments } : {}), ...(tail ? { tail } : {}) };
  return { choice, carry, work, seconds: divided(ran.seconds, spent), steps: compiled.steps, ...told };
}

/** Arrays by name, read at once. */
export function readCarry(compiled: CompiledProblem, carry: Readonly<Record<string, State>>): Awaitable<Arrays> {
  const names = Object.entries(carry);
  if (!names.length) return {};
  const regroup = (arrays: readonly HostArray[]): Arrays => {
    let at = 0;
    return Object.fromEntries(names.map(([name, state]) => [name, arrays.slice(at, (at += state.length))]));
  };
  const read = compiled.executor.readAll(names.flatMap(([, state]) => state));
  return isPromise(read) ? read.then(regroup) : regroup(read);
}

/**
 * Evaluates an estimator on tasks at a θ that lies in the executor's memory and hands their mean over: recorded as one routine where it fits,
 * else call by call, with the same bits. What `use` is given holds until it answers. The event loop turns on the way where it is time to.
 * Whatever throws, no buffer stays behind.
 */
export async function evaluateBatch<R>(
  compiled: CompiledProblem,
  estimator: Estimator,
  theta: State,
  jobs: readonly Job[],
  use: UseMean<R>,
  pauses = new Pauses(),
): Promise<R> {
  const choices = jobs.map(({ choice }) => choice),
    known = recording(compiled, estimator, choices, undefined, pauses.signal),
    batch = isPromise(known) ? await known : known,
    leases: Lease[] = [];
  try {
    for (const { task } of jobs) leases.push(compiled.tasks.lease(task));
    const tasks = leases.map(({ state }) => state);
    if (!batch) return await oneByOne(compiled, estimator, theta, tasks, choices, use, pauses);
    return await batch.use({ theta, tasks }, choices, pauses, ran => use(ran, () => seenBy(compiled, estimator, choices, ran)));
  } finally {
    for (const lease of leases) lease.release();
  }
}

/** Whether what evaluations left is read, for the estimator or for who asked for moments. */
export const looksBack = ({ tellsMoments }: CompiledProblem, { observe, moments, tail }: Estimator): boolean =>
  observe !== undefined || (tellsMoments && (moments ?? tail) !== undefined);

/** What an estimator learns from the evaluations of a batch. */
export function seenBy(
  compiled: CompiledProblem,
  estimator: Estimator,
  choices: readonly Choice[],
  { carries, work, seconds }: BatchBuffers,
): Awaitable<readonly Seen[]> {
  if (!looksBack(compiled, estimator)) return [];
  const read = carries.map(carry => readCarry(compiled, carry)),
    all = (carried: readonly Arrays[]) =>
      carried.map((carry, i) => seenOf(compiled, estimator, choices[i], carry, { work: work[i], seconds: seconds[i] }));
  const [first] = read;
  return isPromise(first) ? Promise.all(read as Promise<Arrays>[]).then(all) : all(read as Arrays[]);
}

/** One after another: each as a routine of its own where that fits, else call by call. */
async function oneByOne<R>(
  compiled: CompiledProblem,
  estimator: Estimator,
  theta: State,
  tasks: readonly State[],
  choices: readonly Choice[],
  use: UseMean<R>,
  pauses: Pauses,
): Promise<R> {
  const n = tasks.length;
  if (n === 1) {
    return inScope(compiled, pauses, async scope => {
      const ran = await evaluateNow(compiled, scope, estimator, theta, tasks[0], choices[0], pauses);
      return use(ran, () => seenBy(compiled, estimator, choices, ran));
    });
  }
  return inScope(compiled, pauses, async outer => {
    const sum = new RunningSum(compiled, outer),
      parts: Pick<BatchBuffers, "counts" | "peakStates" | "work" | "seconds">[] = [],
      seen: Seen[] = [],
      carries: BatchBuffers["carries"][number][] = [],
      kept = (arrays: readonly HostArray[]) => arrays.map(array => outer.own(compiled.executor.upload(array)));
    for (let i = 0; i < n; i++) {
      const choice = choices[i],
        single = await recording(compiled, estimator, [choice], undefined, pauses.signal);
      const take = async (ran: BatchBuffers) => {
        await sum.add(ran.loss, ran.gradient);
        parts.push(ran);
        // What an evaluation left is given back with its scope, so it is read before the next begins.
        const carry = await readCarry(compiled, ran.carries[0]);
        carries.push(Object.fromEntries(Object.entries(carry).map(([name, arrays]) => [name, kept(arrays)])));
        seen.push(seenOf(compiled, estimator, choice, carry, { work: ran.work[0], seconds: ran.seconds[0] }));
      };
      if (single) await single.use({ theta, tasks: [tasks[i]] }, [choice], pauses, take);
      else
        await inScope(compiled, pauses, async scope =>
          take(await evaluateNow(compiled, scope, estimator, theta, tasks[i], choice, pauses)),
        );
    }
    const { loss, gradient } = await sum.mean();
    const all: BatchBuffers = {
      loss,
      gradient,
      carries,
      counts: parts.reduce((total, { counts }) => addCounts(total, counts), noCounts),
      peakStates: Math.max(...parts.map(part => part.peakStates)),
      work: parts.flatMap(({ work }) => work),
      seconds: parts.flatMap(({ seconds }) => seconds),
    };
    return use(all, () => (looksBack(compiled, estimator) ? seen : []));
  });
}

/** Does something in a scope and gives back what it left there, whatever throws. */
async function inScope<R>(compiled: CompiledProblem, pauses: Pauses, f: (scope: Scope) => Promise<R>): Promise<R> {
  const scope = new Scope(compiled, pauses);
  try {
    return await f(scope);
  } finally {
    scope.close();
  }
}

/** Runs a plan call by call, in a scope that owns what it gives. */
async function evaluateNow(
  compiled: CompiledProblem,
  scope: Scope,
  estimator: Estimator,
  theta: State,
  task: State,
  choice: Choice,
  pauses: Pauses,
): Promise<BatchBuffers> {
  const started = performance.now() - pauses.waited,
    upload = (array: HostArray) => scope.own(compiled.executor.upload(array)),
    arrays = Object.fromEntries(Object.entries(choice.arrays).map(([name, list]) => [name, list.map(upload)])),
    found = await estimator.evaluate(new Place(scope, theta, task), choice.plan, arrays),
    { loss, gradient, peakStates = 1, carry = {} } = found,
    { tally } = scope,
    seconds = (performance.now() - pauses.waited - started) / 1000;
  return { loss, gradient, peakStates, carries: [carry], counts: countsOf(tally), work: [compiled.workOf(tally)], seconds: [seconds] };
}
