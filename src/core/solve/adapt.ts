import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { leafTypes } from "../../tensor/trace.js";
import { describeTree } from "../../tensor/tree.js";
import type { FloatType, HostArray, HostTree } from "../../tensor/types.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import { Pauses } from "../evaluation/pauses.js";
import { Place } from "../evaluation/place.js";
import { Scope } from "../evaluation/scope.js";
import { innerLoss, step } from "../problem/definitions.js";
import type { Example } from "../problem/spec.js";
import { rebuildLike } from "../trees/host-leaves.js";
import { taskAt } from "./hypergradient.js";

/** Where the inner loop is run, and what is wanted of it. */
export interface AdaptOptions<TH = HostTree, TK = HostTree> {
  /** θ, if not the problem's θ₀. */
  readonly theta?: TH;
  /** The task, if not the first one of the seed. */
  readonly task?: TK;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** The j of those φ_j that are wanted besides the last, from 0 to r, in any order. */
  readonly states?: readonly number[];
  /** Whether the inner losses are wanted; `true` if not given. Each costs a forward pass. */
  readonly losses?: boolean;
  /** Of θ₀ and of the task; 1 if not given. */
  readonly seed?: number;
  /** `float32` if not given. */
  readonly dtype?: FloatType;
  /** Ends the loop between two steps: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The options by name. */
export const adaptKeys: KeysOf<AdaptOptions> = {
  theta: true,
  task: true,
  innerSteps: true,
  states: true,
  losses: true,
  seed: true,
  dtype: true,
  signal: true,
};

/** What an inner loop came to. */
export interface Adapted<P = HostTree> {
  /** φ_r. */
  readonly phi: P;
  /**
   * r + 1 inner losses: the j-th is L_in(θ, φ_j, T) of the step that leaves φ_j, and the last one is that of φ_r at the number of the last step.
   * Undefined where none were wanted, and for an inner step of one's own, which descends on no loss that is known.
   */
  readonly losses: readonly number[] | undefined;
  /** L_out(θ, φ_r, T). */
  readonly outer: number;
  /** The φ_j that were asked for by `states`, in that order. */
  readonly phis: readonly P[];
}

/** Losses that stay in the executor's memory until many are read at once, as one of its own answers later. */
const block = 256;

const whole = (n: number): HostArray => ({ shape: [], dtype: "int32", data: Int32Array.of(n) });

/** @throws if `states` is not a list of whole numbers from 0 to r */
function checkStates(states: readonly number[], r: number): void {
  if (!Array.isArray(states)) fail("adapt's states", "must be a list of numbers of inner steps", describeTree(states));
  const odd = states.findIndex(j => !(Number.isInteger(j) && j >= 0 && j <= r));
  if (odd >= 0) fail("adapt's states", `must be whole numbers from 0 to ${r}, the number of inner steps`, `${states[odd]} at ${odd}`);
}

/** Runs the inner loop of a compiled problem; see `adapt` of the package. One state, and one number a loss, whatever r is. */
export async function adaptWith<TH extends HostTree, TK extends HostTree>(
  compiled: CompiledProblem,
  point: Example,
  r: number,
  options: AdaptOptions<TH, TK>,
): Promise<Adapted> {
  const { states = [], seed = 1, signal } = options,
    { executor, programs } = compiled;
  checkStates(states, r);
  const curve = (options.losses ?? true) && programs.hasInnerLoss,
    wanted = new Set(states),
    kept = new Map<number, HostTree>(),
    losses: number[] = [],
    unread: State[number][] = [];
  const scope = new Scope(compiled, new Pauses(signal)),
    leases = [compiled.theta.lease(point.theta)];
  try {
    leases.push(compiled.tasks.lease(await taskAt(compiled, point, options.task, seed)));
    const [theta, task] = leases.map(lease => lease.state),
      place = new Place(scope, theta, task),
      // One number that is written anew, as there may be millions of steps.
      index = scope.own(executor.upload(whole(0))),
      phiLeaves = leafTypes(programs.x.phi).length;
    const read = async (x: State) => rebuildLike(programs.x.phi, await executor.readAll(x.slice(0, phiLeaves)));
    const readLosses = async () => {
      for (const { data } of await executor.readAll(unread)) losses.push(data[0]);
      scope.release(unread.splice(0));
    };

    let x = await place.init();
    for (let j = 0; ; j++) {
      if (wanted.has(j)) kept.set(j, await read(x));
      if (j < r) executor.write(index, whole(j));
      if (curve) {
        const loss = scope.run(innerLoss, theta, x, task, [index]);
        unread.push((isPromise(loss) ? await loss : loss)[0]);
        if (unread.length === block || j === r) await readLosses();
      }
      if (j === r) break;
      const next = scope.run(step, theta, x, task, [index]),
        state = isPromise(next) ? await next : next;
      scope.release(x);
      x = state;
    }
    const { loss } = await place.outer(x),
      outer = (await executor.read(loss)).data[0];
    return { phi: await read(x), losses: curve ? losses : undefined, outer, phis: states.map(j => kept.get(j)!) };
  } finally {
    scope.close();
    for (const lease of leases) lease.release();
    // The caller may change the numbers of θ and of the task before the next call.
    compiled.forgetTrees();
  }
}
