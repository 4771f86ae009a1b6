// npm run bench:length: what a step of the inner loop takes as there are more of them, or as their states grow: as one routine, and call by
// call, in turn, in one process; and what writing so many states one after another and reading them back takes by itself, which is memory's.
//   --only TEXT      rows whose name contains it
//   --seconds S      how long each row is measured (4)
import { parseArgs } from "node:util";
import { evaluateBatch } from "../src/core/batch/evaluate.js";
import { recording } from "../src/core/batch/recordings.js";
import type { Estimator } from "../src/core/estimators/estimator.js";
import { parseEstimator } from "../src/core/estimators/parse.js";
import { CompiledProblem } from "../src/core/evaluation/compiled-problem.js";
import { defineProblem, type Problem } from "../src/core/problem/problem.js";
import { stream } from "../src/core/random/index.js";
import type { Executor, Routine, RoutineSequence, RoutineStep } from "../src/executors/executor.js";
import { isLoop, isSequence } from "../src/executors/executor.js";
import { createWasmExecutor } from "../src/executors/wasm/index.js";
import type { HostArray } from "../src/tensor/types.js";
import * as np from "../src/tensor/np/index.js";
import { quantile } from "./statistics.js";

const { values: options } = parseArgs({ options: { only: { type: "string", default: "" }, seconds: { type: "string", default: "4" } } });

/**
 * Least squares with a penalty a number. All steps together go a way of about one, so that nothing decays, however many they are: cotangents that
 * shrink by a factor a step would be subnormal after some hundreds, on which a processor takes up to a hundred times as long.
 */
const problemOf = (size: number, r: number): Problem =>
  defineProblem({
    theta: random => random.normal([size]),
    task: random => random.normal([size]),
    init: () => np.zeros([size]),
    inner: {
      loss: (theta, phi, y) =>
        np
          .square(phi.sub(y))
          .sum()
          .add(np.square(phi).mul(np.square(theta)).sum()),
      rate: 0.25 / r,
      steps: 1,
    },
    outer: (_, phi, y) => np.square(phi.sub(y)).sum(),
  });

/** @throws unless all numbers of a result are finite and of full precision, and most are not zero */
function checkNormal(what: string, { data }: HostArray): void {
  let zeros = 0;
  for (const x of data) {
    if (x === 0) zeros++;
    else if (!Number.isFinite(x) || Math.abs(x) < 2 ** -126)
      throw new Error(`bench:length: ${what} has ${x}, whose arithmetic is another.`);
  }
  if (2 * zeros > data.length) throw new Error(`bench:length: ${what} has ${zeros} zeros in ${data.length} numbers.`);
}

/** Microseconds for writing a state of so many numbers and reading it back, where all states lie one after another. */
function trafficOf(size: number, states: number): number {
  const memory = new Float32Array(size * states),
    hot = new Float32Array(size).fill(1),
    times: number[] = [];
  for (let k = 0; k < 7; k++) {
    const started = performance.now();
    for (let j = 0; j < states; j++) memory.set(hot, j * size);
    for (let j = states - 1; j >= 0; j--) hot.set(memory.subarray(j * size, (j + 1) * size));
    times.push((1000 * (performance.now() - started)) / states);
  }
  return Math.min(...times);
}

/** The same executor, which links no calls. */
const callByCall = (executor: Executor): Executor => ({
  name: executor.name,
  capacity: executor.capacity,
  compile: (program, name) => executor.compile(program, name),
  upload: array => executor.upload(array),
  write: (buffer, array) => executor.write(buffer, array),
  read: buffer => executor.read(buffer),
  readAll: buffers => executor.readAll(buffers),
  free: buffer => executor.free(buffer),
  usage: () => executor.usage(),
  dispose: () => executor.dispose(),
});

const count = (steps: readonly (RoutineStep | RoutineSequence)[]): number =>
  steps.reduce((n, step) => n + 1 + (isSequence(step) ? count(step.kinds) : isLoop(step) ? count(step.body) : 0), 0);

interface Side {
  readonly compiled: CompiledProblem;
  readonly run: () => Promise<number>;
  readonly check: () => Promise<void>;
}

/** A point on an executor. Runs give the microseconds of an evaluation. */
async function sideOf(problem: Problem, executor: Executor, estimator: Estimator, innerSteps: number): Promise<Side> {
  const theta = problem.theta(1),
    task = await problem.task(1, 1, 0),
    compiled = new CompiledProblem(problem, { theta, task }, { executor, innerSteps }),
    { state } = compiled.theta.lease(theta),
    choice = estimator.draw(estimator.init(theta, innerSteps), stream(1, "draw"));
  return {
    compiled,
    run: async () => {
      const started = performance.now();
      await evaluateBatch(compiled, estimator, state, [{ task, choice }], () => undefined);
      return 1000 * (performance.now() - started);
    },
    check: () =>
      evaluateBatch(compiled, estimator, state, [{ task, choice }], async ({ loss, gradient }) => {
        const leaves = gradient.filter(leaf => leaf !== undefined);
        for (const [i, array] of (await executor.readAll([loss, ...leaves])).entries()) checkNormal(i ? "the gradient" : "the loss", array);
      }),
  };
}

async function row(spelling: string, size: number, steps: number): Promise<void> {
  const name = `${spelling}, ${size.toLocaleString("en")} numbers, r = ${steps.toLocaleString("en")}`;
  if (!name.includes(options.only)) return;
  const problem = problemOf(size, steps),
    estimator = parseEstimator(spelling),
    executor = createWasmExecutor();
  let written: Routine | undefined;
  const link = executor.link!.bind(executor);
  executor.link = routine => link((written = routine));
  const routine = await sideOf(problem, executor, estimator, steps),
    single = await sideOf(problem, callByCall(executor), estimator, steps);
  // Programs are compiled before.
  await single.run();
  const before = executor.usage().bytes,
    started = performance.now();
  await recording(routine.compiled, estimator, [estimator.draw(estimator.init(problem.theta(1), steps), stream(1, "draw"))]);
  const recorded = (1000 * (performance.now() - started)) / steps;
  await routine.check();
  const held = executor.usage().bytes - before,
    times = { routine: [] as number[], single: [] as number[] },
    end = performance.now() + 1000 * Number(options.seconds);
  for (let k = 0; k < 7 || performance.now() < end; k++) {
    for (const side of k % 2 ? (["routine", "single"] as const) : (["single", "routine"] as const))
      times[side].push((await (side === "routine" ? routine : single).run()) / steps);
  }
  const low = (all: readonly number[]) =>
      quantile(
        [...all].sort((a, b) => a - b),
        0.1,
      ),
    show = (n: number, digits = 2) => n.toFixed(digits).padStart(9);
  console.log(
    `${name.padEnd(52)}${show(low(times.routine))}${show(low(times.single))}${show(low(times.single) / low(times.routine))}`
      + `${show(spelling === "exact" ? trafficOf(size, steps) : NaN)}${show(recorded)}${String(written ? count(written.parts.flat()) : "–").padStart(9)}${(held / 1e6).toFixed(2).padStart(10)}`,
  );
  routine.compiled.dispose();
  single.compiled.dispose();
  executor.dispose();
}

console.log(
  `${"".padEnd(52)}${["routine", "by call", "ratio", "states", "written", "steps", "MB kept"].map((t, i) => t.padStart(i === 6 ? 10 : 9)).join("")}`,
);
console.log(
  `${"".padEnd(52)}${["µs/step", "µs/step", "", "µs/step", "µs/step", "", ""].map((t, i) => t.padStart(i === 6 ? 10 : 9)).join("")}`,
);
for (const spelling of ["exact", "first-order:mixed", "truncated:100", "exact:checkpoint=10", "forward"])
  for (const steps of [10, 1_000, 20_000, 100_000]) await row(spelling, 16, steps);
await row("exact:recompute", 16, 10);
await row("exact:recompute", 16, 1_000);
for (const [size, steps] of [
  [1_000, 2_000],
  [1_000, 20_000],
  [100_000, 20],
  [100_000, 200],
  [1_000_000, 20],
  [4_000_000, 2],
  [4_000_000, 20],
])
  await row("exact", size, steps);
