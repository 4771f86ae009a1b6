// Whatever the number of threads, and however jobs come to them, a run is the same to the last bit.
import { describe, expect, test } from "vitest";
import {
  adam,
  createWasmExecutor,
  defineProblem,
  linear,
  listed,
  np,
  random,
  sampled,
  solve,
  stream,
  type Problem,
  type SolveOptions,
} from "../../src/index.js";
import { solveWith } from "../../src/core/solve/solve.js";
import { threads, type ThreadsOptions } from "../../src/team/threads.js";
import { adamInside, everywhere, initialization, momentumInside, net, netAt, regressionTask, squares } from "../support/problems.js";

/** Tasks that a program draws. */
const drawn = defineProblem({
  theta: netAt,
  task: sampled(key => ({ x: random.normal(key, [6, 3]), y: random.uniform(random.foldIn(key, 1), [6, 2]) })),
  init: theta => theta,
  inner: { loss: (_, phi, { x, y }) => squares(net(phi, x), y), rate: 0.1, steps: 3 },
  outer: (_, phi, { x, y }) => squares(net(phi, x), y),
}) as unknown as Problem;

/** Each of several tasks goes on from where it was left. */
const goingOn = defineProblem({
  theta: netAt,
  task: listed(Array.from({ length: 3 }, (_, i) => regressionTask(stream(1, "task", 1, i)))),
  init: theta => theta,
  inner: { loss: (_, phi, { x, y }) => squares(net(phi, x), y), rate: 0.1, steps: 3, carry: true },
  outer: (theta, phi, { x, y }) => squares(net(phi, x), y).add(np.square(theta.out).sum()),
}) as unknown as Problem;

const run = (problem: Problem, given: Partial<SolveOptions>): readonly [Problem, SolveOptions] => [
  problem,
  { estimator: "exact", outer: adam(0.01), outerSteps: 12, metaBatch: 3, seed: 5, moments: true, ...given },
];
const runs: Record<string, readonly [Problem, SolveOptions]> = {
  "θ everywhere, exact": run(everywhere.problem, {}),
  "θ as the start, first-order": run(initialization.problem, { estimator: "first-order", metaBatch: 7 }),
  "UFOM, whose coins fall at random": run(everywhere.problem, { estimator: "ufom:0.5" }),
  "UFOM that learns its probability, and is charged": run(initialization.problem, {
    estimator: "ufom:adaptive",
    metaBatch: 4,
    outer: adam(linear(0.02, 0, "end")),
    budget: { charged: { total: 400, always: 4, exact: 9 } },
  }),
  "a momentum inside": run(momentumInside.problem, { estimator: "truncated:2" }),
  "Adam inside, in float64": run(adamInside.problem, { dtype: "float64" }),
  checkpointing: run(everywhere.problem, { estimator: "exact:checkpoint=2" }),
  "evolution strategies, which read arrays": run(everywhere.problem, { estimator: "es:2" }),
  "tasks that a program draws, a rate that ends with the run": run(drawn, { metaBatch: 5, outer: adam(linear(0.02, 0, "end")) }),
  "tasks that go on from where they were left": run(goingOn, {}),
};

const ways: Record<string, ThreadsOptions> = {
  "taken from shared memory, here too": { handing: "take", shared: true },
  "taken from shared memory by others only": { handing: "take", shared: true, here: false },
  "told by messages, in shared memory": { handing: "tell", shared: true },
  "told by messages, copied": { handing: "tell", shared: false },
};

/** All that a run tells but the time that it took. */
async function told(of: ReturnType<typeof solve>): Promise<string> {
  const losses: unknown[] = [];
  for await (const { loss, gradientNorm, exactDraws, moments } of of) losses.push(loss, gradientNorm, exactDraws, moments);
  const { seconds: _, ...state } = of.checkpoint(),
    { counts, peakStates, outcome } = await of.result(),
    plain = (x: unknown): unknown => (ArrayBuffer.isView(x) ? Array.from(x as unknown as ArrayLike<number>, String) : x);
  return JSON.stringify({ losses, state, counts, peakStates, outcome }, (_, x: unknown) => plain(x));
}

describe.each(Object.entries(runs))("%s", (_, [problem, options]) => {
  const numbers = { take: [2, 3, 5], tell: [2] };
  test.each(Object.entries(ways).flatMap(([way, given]) => numbers[given.handing!].map(workers => [workers, way, given] as const)))(
    "%i threads, jobs %s",
    async (workers, _way, given) => {
      const executor = createWasmExecutor(),
        of = solveWith(problem, options, { executor, team: threads({ workers, ...given }) });
      expect(await told(of)).toBe(await told(solve(problem, { ...options, workers: 1 })));
      expect((await of.result()).workers).toBe(Math.min(workers, options.metaBatch!));
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    },
  );
});
