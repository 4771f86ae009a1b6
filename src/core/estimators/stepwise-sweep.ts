import type { Buffer } from "../../executors/executor.js";
import type { Program } from "../../program/program.js";
import type { Machine, State } from "../evaluation/machine.js";
import type { Place, ThetaBuffers } from "../evaluation/place.js";
import { outer, pullback } from "../problem/definitions.js";
import type { ProblemPrograms } from "../problem/programs.js";
import { accumulate } from "../unroll/pass.js";
import type { LeafBuffers } from "./estimator.js";
import { deviation, passedOver, squares, visitMoments, weightedPullback } from "./stepwise-definitions.js";

/** What a draw of coins has a sweep do: data. */
export type StepwisePlan = {
  /** The steps whose coin fell, from the first on. */
  readonly visited: readonly number[];
  /** Those of them that might have been left out: each has a weight. */
  readonly weighted: readonly number[];
  /** Those of them whose curvature is measured. */
  readonly measured: readonly number[];
};

/** Products of a power iteration. */
export const POWER = 3;

/** What a passed-over step reads: nothing, as C_j is the identity; θ and its number only; or the last state that was kept. */
export type PassedOver = "identity" | "constant" | "state";

const kinds = new WeakMap<ProblemPrograms, PassedOver>();

/** What C_j is like for a problem. */
export function passedOverIn(programs: ProblemPrograms): PassedOver {
  let kind = kinds.get(programs);
  if (!kind) kinds.set(programs, (kind = kindOf(programs.of(passedOver).program, programs)));
  return kind;
}

function kindOf({ nodes, outputs }: Program, { thetaTypes, state }: ProblemPrograms): PassedOver {
  const inputOf = (node: number): number => (nodes[node].op === "input" ? (nodes[node].params as { readonly index: number }).index : -1),
    inputs = nodes.filter(({ op }) => op === "input").length,
    firstOfU = inputs - state.length;
  if (outputs.every((o, i) => inputOf(o) === firstOfU + i)) return "identity";
  const isX = (node: number) => inputOf(node) >= thetaTypes.length && inputOf(node) < thetaTypes.length + state.length;
  return outputs.some(isX) || nodes.some(node => node.inputs.some(isX)) ? "state" : "constant";
}

/** What a sweep gave. */
export interface StepwiseResult {
  readonly loss: Buffer;
  readonly gradient: LeafBuffers;
  readonly peakStates: number;
  /** `visits`: of each step that was visited ‖(J − C)ᵀû‖² p⁻², ‖Bᵀû‖² p⁻² and ‖û‖². `ends`: ‖u_r‖², ‖û₀‖², ‖(∂V/∂θ)ᵀû₀‖², ‖G‖². `powers`: of each that was measured, ‖Aᵏû‖² from k = 0 on. */
  readonly carry: { readonly visits: State; readonly ends: State; readonly powers: State };
}

/**
 * The sweep back over the steps whose coin fell, with b_j/p_j for each:
 *
 *     û_{j−1} = C_jᵀû_j + (b_j/p_j)(J_j − C_j)ᵀû_j,   g ← g + (b_j/p_j)(∂Φ_j/∂θ)ᵀû_j
 *
 * J_j = ∂Φ_j/∂x. Of gradient descent C_j = I, and of others what a step does with a gradient of zero, at the state that was visited last (first
 * at the end): it does not depend on b_j. The coins are known before the first step, so only the states of steps that fell are kept.
 */
export async function stepwiseSweep(place: Place, { visited, weighted, measured }: StepwisePlan, weights: State): Promise<StepwiseResult> {
  const { machine, theta, task } = place,
    { steps, programs } = machine,
    kind = passedOverIn(programs),
    kept: State[] = [];
  let x = await place.unroll(await place.init(), 1, (visited[0] ?? steps + 1) - 1);
  for (const [k, j] of visited.entries()) {
    kept.push(x);
    x = await place.unroll(await place.step(x, j), j + 1, (visited[k + 1] ?? steps + 1) - 1);
  }
  const end = await place.outer(x),
    { leaves } = programs.of(pullback),
    zeros = place.zeros(leaves);
  let u = end.u,
    g: ThetaBuffers = zeros;
  // Where C_j reads no state, any arrays of its types will do.
  let near: State = kind === "state" ? x : u;
  if (kind !== "state") machine.release(x);
  const visits: Buffer[] = [],
    powers: Buffer[] = [],
    keeps = kept.length + Number(kind === "state");
  const replace = (next: State): void => {
    if (u !== end.u) machine.release(u);
    u = next;
    if (kind !== "state") near = u;
  };
  const passOver = async (from: number, to: number): Promise<void> => {
    if (kind === "identity") return;
    for (let j = from; j > to; j--) replace(await machine.run(passedOver, theta, near, task, [place.index(j)], u));
  };
  const first = await machine.run(squares, u);
  let before = steps;
  for (let j = visited.length && visited[visited.length - 1]; kept.length; j = visited[kept.length - 1]) {
    const at = kept.pop()!,
      index = [place.index(j)],
      weight = weighted.indexOf(j);
    await passOver(before, j);
    // C_j is taken at `near`, fallen or not: it must not depend on this step's coin.
    const passed = kind === "identity" ? u : await machine.run(passedOver, theta, near, task, index, u),
      found =
        weight < 0
          ? await place.pullback(at, j, u, g)
          : split(await machine.run(weightedPullback, theta, at, task, index, near, [weights[weight]], u, g), u.length);
    visits.push(...(await machine.run(visitMoments, passed, found.u, g, found.g, u)));
    if (measured.includes(j)) powers.push(...(await powersOf(machine, u, v => machine.run(deviation, theta, at, task, index, near, v))));
    if (passed !== u) machine.release(passed);
    if (g !== zeros) machine.release(g);
    g = found.g;
    replace(found.u);
    machine.release(kind === "state" ? near : at);
    if (kind === "state") near = at;
    before = j - 1;
  }
  await passOver(before, 0);
  if (kind === "state") machine.release(near);
  const gradient: LeafBuffers[number][] = [];
  programs.of(outer).leaves.forEach((leaf, k) => (gradient[leaf] = end.theta[k]));
  await accumulate(place, gradient, g, leaves);
  const start = await place.initPullback(u);
  await accumulate(place, gradient, start, place.startLeaves);
  const present = gradient.filter(leaf => leaf !== undefined),
    last = await machine.run(squares, u, start, present);
  return { loss: end.loss, gradient, peakStates: Math.max(1, keeps), carry: { visits, ends: [...first, ...last], powers } };
}

const split = (out: Buffer[], n: number) => ({ u: out.slice(0, n), g: out.slice(n) });

/** ‖Aᵏv‖² for k = 0, 1, … */
async function powersOf(machine: Machine, v: State, product: (v: State) => ReturnType<Machine["run"]>): Promise<Buffer[]> {
  const list = [v];
  for (let k = 0; k < POWER; k++) list.push(await product(list[k]));
  const found = await machine.run(squares, ...list);
  machine.release(list.slice(1).flat());
  return found;
}
