// The bench's cases as problems of ufom, ready to be called.
import { readFileSync } from "node:fs";
import type { Job } from "../src/core/batch/evaluate.js";
import { byLeaf, leavesOf } from "../src/core/batch/mean.js";
import { certain, parseEstimator } from "../src/core/estimators/index.js";
import { CompiledProblem } from "../src/core/evaluation/compiled-problem.js";
import { mixed, outer, pullback, step } from "../src/core/problem/definitions.js";
import type { Definition } from "../src/core/problem/definitions.js";
import { createWasmExecutor, defineProblem, f32, type HostArray, type HostTree, type Problem } from "../src/index.js";
import { costOf } from "../src/program/cost.js";
import type { Program } from "../src/program/program.js";
import { inlineTeam } from "../src/team/inline.js";
import { sizeOf } from "../src/tensor/types.js";
import type { Case } from "./cases.js";
import { functionsOf } from "./networks.js";

/** A case's numbers: θ and its tasks. */
export function numbersOf({ file, theta, data, tasks, part }: Case): { theta: HostArray[]; tasks: HostArray[][] } {
  const bytes = readFileSync(file),
    numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let at = 0;
  const take = (shapes: Case["theta"]) => shapes.map(shape => f32(numbers.subarray(at, (at += sizeOf(shape))), ...shape));
  const leaves = take(theta),
    all = Array.from({ length: tasks }, () => take(data));
  return { theta: leaves, tasks: part ? all.slice(part[0], part[0] + part[1]) : all };
}

/** A case as a problem, with its θ and tasks. */
export function problemOf(c: Case) {
  const { theta, tasks } = numbersOf(c),
    { init, inner, outer } = functionsOf(c);
  let next = 0;
  const problem = defineProblem({
    theta: () => theta,
    // The first task again and again, or all of them in turns, as many as a meta-batch has.
    task: () => tasks[next++ % tasks.length],
    init: (t, task) => [...init(t, task)],
    inner: { loss: (t, phi, task) => inner(t, phi, task), rate: c.rate, steps: c.r },
    outer: (_, phi, task) => outer(phi, task),
  }) as unknown as Problem;
  return { problem, theta, tasks, estimator: c.estimator };
}

/** A case ready to be run. */
export interface Prepared {
  /** The gradient, averaged over the tasks. */
  run(): Promise<HostTree>;
  /** Its programs, and how often one gradient calls each. */
  readonly calls: readonly { readonly name: string; readonly program: Program; readonly count: number }[];
  /** Arithmetic operations of one gradient. */
  readonly flops: number;
  /** Seconds of what is timed, where a run does more than that. */
  time?(): Promise<number>;
}

/** Traces a case and makes ready what runs it; nothing is compiled before the first run. */
export function prepare(c: Case): Prepared {
  const { problem, theta, tasks, estimator: spelling } = problemOf(c),
    estimator = parseEstimator(spelling),
    compiled = new CompiledProblem(problem, { theta, task: tasks[0] }, { executor: createWasmExecutor() }),
    team = inlineTeam(compiled, estimator),
    jobs: Job[] = tasks.map(task => ({ task, choice: certain })),
    place = compiled.theta.lease(theta).state;
  const called = (definition: Definition, count: number) => ({
    name: definition.name,
    program: compiled.programs.of(definition).program,
    count: tasks.length * count,
  });
  const isMixed = spelling.startsWith("first-order:mixed");
  const products = spelling.startsWith("exact") ? [called(pullback, c.r)] : isMixed ? [called(mixed, c.r)] : [];
  // States that are not kept are computed once more.
  const again = isMixed ? c.r - estimator.facts.states(c.r, compiled) : 0;
  const calls = [called(step, c.r + again), called(outer, 1), ...products];
  return {
    run: () =>
      team.mean(place, jobs, ({ gradient }) => {
        const leaves = leavesOf([gradient]),
          arrays = compiled.executor.readAll(leaves.map(leaf => gradient[leaf]!)) as HostArray[];
        return compiled.thetaTree(byLeaf(leaves, arrays));
      }),
    calls,
    flops: calls.reduce((sum, { program, count }) => sum + count * costOf(program).flops, 0),
  };
}
