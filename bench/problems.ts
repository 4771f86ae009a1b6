// The bench's problems, in ufom.
import { readFileSync } from "node:fs";
import { parseEstimator } from "../src/core/estimators/index.js";
import type { Job } from "../src/core/batch/evaluate.js";
import { byLeaf, leavesOf } from "../src/core/batch/mean.js";
import { certain } from "../src/core/estimators/index.js";
import { CompiledProblem } from "../src/core/evaluation/compiled-problem.js";
import { mixed, outer, pullback, step } from "../src/core/problem/definitions.js";
import type { Definition } from "../src/core/problem/definitions.js";
import { createWasmExecutor, defineProblem, f32, nn, np, zeros, type HostArray, type HostTree, type Value } from "../src/index.js";
import { costOf } from "../src/program/cost.js";
import type { Program } from "../src/program/program.js";
import { inlineTeam } from "../src/team/inline.js";
import type { CleaningCase, OuterCase, SinusoidCase } from "./cases.js";

type Layers = readonly Value[];
const net = (p: Layers, x: Value) => {
  const h = nn.relu(np.matmul(x, p[0]).add(p[1]));
  return np.matmul(nn.relu(np.matmul(h, p[2]).add(p[3])), p[4]).add(p[5]);
};
const mse = (p: Layers, x: Value, y: Value) => np.square(net(p, x).sub(y)).mean();

export function sinusoid(c: SinusoidCase | OuterCase) {
  const tasks = Array.from({ length: c.tasks }, (_, t) => {
    const [x, y, xq, yq] = c.data.map(d => f32(d.slice(10 * t, 10 * t + 10), 10, 1));
    return { x, y, xq, yq };
  });
  const theta = c.theta.map((d, i) => f32(d, ...c.shapes[i]));
  let next = 0;
  const problem = defineProblem({
    theta: () => theta,
    // The first task again and again, or all of them in turns, as many as a meta-batch has.
    task: () => tasks[next++ % tasks.length],
    init: t => t,
    inner: { loss: (_, phi, { x, y }) => mse(phi, x, y), rate: c.rate, steps: c.r },
    outer: (_, phi, { xq, yq }) => mse(phi, xq, yq),
  });
  return { problem, theta, tasks, estimator: parseEstimator(c.estimator) };
}

function cleaning(c: CleaningCase) {
  const bytes = readFileSync(c.file),
    numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let at = 0;
  const [x, y, xClean, yClean] = [784, 10, 784, 10].map(w => f32(numbers.subarray(at, (at += c.n * w)), c.n, w));
  const entropy = (phi: { w: Value; b: Value }, images: Value, labels: Value) =>
    nn.crossEntropy(np.matmul(images, phi.w).add(phi.b), labels);
  const problem = defineProblem({
    theta: () => ({ weight: zeros(c.n) }),
    task: () => ({ x, y, xClean, yClean }),
    init: () => ({ w: np.zeros([784, 10]), b: np.zeros([10]) }),
    inner: {
      loss: (t, phi, d) =>
        nn
          .sigmoid(t.weight)
          .mul(entropy(phi, d.x, d.y))
          .mean()
          .add(np.square(phi.w).sum().mul(c.decay)),
      rate: c.rate,
      steps: c.r,
    },
    outer: (_, phi, d) => entropy(phi, d.xClean, d.yClean).mean(),
  });
  return {
    problem,
    theta: { weight: zeros(c.n) },
    tasks: [{ x, y, xClean, yClean }],
    estimator: parseEstimator(c.estimator === "exact" ? "exact" : "first-order:mixed"),
  };
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
export function prepare(c: SinusoidCase | CleaningCase): Prepared {
  const { problem, theta, tasks, estimator } = c.problem === "sinusoid" ? sinusoid(c) : cleaning(c);
  const compiled = new CompiledProblem(problem, { theta, task: tasks[0] }, { executor: createWasmExecutor() }),
    team = inlineTeam(compiled, estimator),
    jobs: Job[] = tasks.map(task => ({ task, choice: certain })),
    place = compiled.theta.lease(theta).state;
  const called = (definition: Definition, count: number) => ({
    name: definition.name,
    program: compiled.programs.of(definition).program,
    count: tasks.length * count,
  });
  const replayed = c.problem === "hyper-cleaning" && c.estimator !== "exact";
  const products = c.estimator === "exact" ? [called(pullback, c.r)] : replayed ? [called(mixed, c.r)] : [];
  const calls = [called(step, replayed ? 2 * c.r - 1 : c.r), called(outer, 1), ...products];
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
