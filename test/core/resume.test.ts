import { describe, expect, test } from "vitest";
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  cosine,
  hypergradient,
  joinSchedules,
  linear,
  momentum,
  parseOuter,
  powerDecay,
  reduceOnPlateau,
  sgd,
  solve,
  type Checkpoint,
  type OuterTransform,
  type SolveOptions,
  type SolveStep,
} from "../../src/index.js";
import { readState, writeState } from "../../src/files/saved-state.js";
import { bitsOf } from "../support/gradients.js";
import { adamInside, everywhere, initialization, ridge } from "../support/problems.js";

type Options = Omit<SolveOptions, "theta">;
const { problem } = initialization;

/** What a step says, apart from the clock. */
const numbers = ({ seconds: _, ...step }: SolveStep) => step;

/** Runs to the end; and again with a fresh run after each of the steps. The bits of θ after every step must be those of the first. */
async function sameAfterResuming(
  options: Options,
  resumeAt: readonly number[],
  carry: (c: Checkpoint) => Checkpoint = structuredClone,
): Promise<void> {
  const thetas: string[] = [],
    checkpoints: Checkpoint[] = [],
    steps: ReturnType<typeof numbers>[] = [],
    run = solve(problem, options);
  for await (const step of run) {
    thetas.push(bitsOf(run.theta));
    checkpoints.push(carry(run.checkpoint()));
    steps.push(numbers(step));
  }
  const whole = await run.result();
  expect(thetas).toHaveLength(options.outerSteps);
  expect(new Set(thetas).size).toBe(thetas.length);
  for (const k of resumeAt) {
    const again = solve(problem, { ...options, resume: checkpoints[k - 1] });
    expect(bitsOf(again.theta)).toBe(thetas[k - 1]);
    for await (const step of again) {
      expect(bitsOf(again.theta), `from ${k}, step ${step.index}`).toBe(thetas[step.index - 1]);
      expect(numbers(step)).toEqual(steps[step.index - 1]);
    }
    const result = await again.result();
    expect([result.outerSteps, result.counts, result.peakStates, result.loss]).toEqual([
      whole.outerSteps,
      whole.counts,
      whole.peakStates,
      whole.loss,
    ]);
    expect(result.seconds).toBeGreaterThanOrEqual(checkpoints[k - 1].seconds);
  }
}

const outerTransforms: OuterTransform[] = [
  adam(0.02),
  momentum(0.05),
  adam(linear(0.05, 0, 8)),
  chain(clipByGlobalNorm(0.1), sgd(powerDecay(0.3, 0.5))),
  momentum(cosine(0.1, 0.01, 8), 0.5, { nesterov: true }),
  chain(adamw(joinSchedules([linear(0, 0.05, 3), 0.02], [3])), reduceOnPlateau({ factor: 0.5, patience: 1 })),
];
const estimators = ["exact", "ufom:0.3", "ufom:adaptive", "ufom:optimal:pilot=4"];

describe("going on from a checkpoint gives the bits of a run that never stopped", () => {
  describe.each(estimators)("%s", estimator => {
    test.each(outerTransforms)("$name, meta-batches of 1 and 3, float32 and float64", async outer => {
      for (const metaBatch of [1, 3])
        for (const dtype of ["float32", "float64"] as const)
          await sameAfterResuming({ estimator, outer, metaBatch, dtype, outerSteps: 8, seed: 11 }, [1, 5]);
    });
  });

  test("after any step", () =>
    sameAfterResuming(
      { estimator: "ufom:adaptive:q-min=0.5", outer: adam(0.02), outerSteps: 12 },
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    ));

  test("from a file", async () => {
    const carry = (checkpoint: Checkpoint) => readState(writeState(checkpoint as never), "a test") as unknown as Checkpoint;
    await sameAfterResuming({ estimator: "ufom:optimal:pilot=3", outer: adam(0.02), outerSteps: 6, dtype: "float64" }, [2, 4], carry);
  });

  test("a checkpoint is not changed by the run that goes on from it", async () => {
    const run = solve(problem, { estimator: "ufom:adaptive", outer: adam(0.1), outerSteps: 3 });
    for await (const { index } of run) if (index === 3) break;
    const checkpoint = run.checkpoint(),
      copy = structuredClone(checkpoint),
      options = { estimator: "ufom:adaptive", outer: adam(0.1), outerSteps: 6, resume: checkpoint };
    const first = await solve(problem, options).result(),
      second = await solve(problem, options).result();
    expect(checkpoint).toEqual(copy);
    expect(bitsOf(second.theta)).toBe(bitsOf(first.theta));
  });

  test("more outer steps than before, and another budget, are no other run", async () => {
    const at = { estimator: "exact", outer: sgd(0.1) },
      short = solve(problem, { ...at, outerSteps: 2 });
    await short.result();
    const long = await solve(problem, { ...at, outerSteps: 5, resume: short.checkpoint() }).result();
    expect(bitsOf(long.theta)).toBe(bitsOf((await solve(problem, { ...at, outerSteps: 5 }).result()).theta));
    const limited = await solve(problem, { ...at, outerSteps: 9, budget: { evaluations: 33 }, resume: short.checkpoint() }).result();
    expect([limited.outcome, limited.outerSteps]).toEqual(["budget", 3]);
    expect((await solve(problem, { ...at, outerSteps: 2, resume: short.checkpoint() }).result()).outcome).toBe("finished");
  });
});

describe("a checkpoint of something else is refused in a sentence", () => {
  const base: Options = { estimator: "ufom:adaptive", outer: parseOuter("adam:0.1"), outerSteps: 3, metaBatch: 2, seed: 7 };
  const checkpointOf = async (options = base, of = problem) => {
    const run = solve(of, options);
    await run.result();
    return run.checkpoint();
  };
  const refusal = async (options: Partial<Options>, checkpoint: Checkpoint, of = problem) =>
    solve(of, { ...base, ...options, resume: checkpoint })
      .result()
      .then(
        () => "accepted",
        (error: Error) => error.message,
      );

  test("of another problem, whatever its tree", async () => {
    const messages = [];
    for (const other of [everywhere, ridge, adamInside])
      messages.push((await refusal({}, await checkpointOf(base, other.problem))).replace(/\([0-9a-f]{12}\)/g, "(…)"));
    expect([...new Set(messages)]).toMatchInlineSnapshot(`
      [
        "ufom: resume takes a checkpoint of the same problem (…); received one of another (…).",
      ]
    `);
  });

  test("of other options", async () => {
    const checkpoint = await checkpointOf(),
      others: Partial<Options>[] = [
        { seed: 8 },
        { metaBatch: 1 },
        { dtype: "float64" },
        { innerSteps: 3 },
        { estimator: "exact" },
        { estimator: "ufom:adaptive:p=2" },
        { outer: adam(0.2) },
        { outer: adam(0.1, { beta1: 0.8 }) },
      ];
    expect(await refusal({}, checkpoint)).toBe("accepted");
    const messages = [];
    for (const other of others) messages.push(await refusal(other, checkpoint));
    expect(messages).toMatchInlineSnapshot(`
      [
        "ufom: resume takes a checkpoint of a run with seed 8; received one with 7.",
        "ufom: resume takes a checkpoint of a run with metaBatch 1; received one with 2.",
        "ufom: resume takes a checkpoint of a run with dtype float64; received one with float32.",
        "ufom: resume takes a checkpoint of a run with innerSteps 3; received one with 5.",
        "ufom: resume takes a checkpoint of a run with estimator exact; received one with ufom:adaptive.",
        "ufom: resume takes a checkpoint of a run with estimator ufom:adaptive:p=2; received one with ufom:adaptive.",
        "ufom: resume takes a checkpoint of a run with outer adam(0.2); received one with adam(0.1).",
        "ufom: resume takes a checkpoint of a run with outer adam(0.1, beta1 = 0.8); received one with adam(0.1).",
      ]
    `);
  });

  test("of another version", async () => {
    expect(await refusal({}, { ...(await checkpointOf()), version: 1 as 2 })).toMatchInlineSnapshot(
      `"ufom: resume takes a checkpoint of version 2; received version 1."`,
    );
  });

  test("before the first step there is none", () => {
    expect(() => solve(problem, base).checkpoint()).toThrowErrorMatchingInlineSnapshot(
      `[UfomError: ufom: a run has a checkpoint from its first step on; it was asked for before.]`,
    );
  });
});

describe("calls at the same time", () => {
  test("hypergradient gives the numbers of calls one after another", async () => {
    const calls = ["exact", "ufom:0.5", "first-order", "truncated:2", "exact:recompute"].flatMap(estimator =>
      [1, 2, 3].flatMap(seed => [problem, everywhere.problem].map(of => () => hypergradient(of, { estimator, seed }))),
    );
    const together = await Promise.all(calls.map(call => call()));
    for (const [i, call] of calls.entries()) expect(bitsOf(together[i].gradient)).toBe(bitsOf((await call()).gradient));
  });

  test("a call that fails does not disturb the others", async () => {
    const good = () => hypergradient(everywhere.problem, { seed: 4 }),
      bad = () => hypergradient(everywhere.problem, { estimator: "nonsense" });
    const [first, failed, second] = await Promise.allSettled([good(), bad(), good()]);
    expect([first.status, failed.status, second.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("numbers of θ and of a task that were changed in place are seen", async () => {
    const theta = problem.theta(1) as Record<string, { data: Float64Array }>,
      task = (await problem.task(1, 1, 0)) as Record<string, { data: Float64Array }>;
    const call = async () => bitsOf((await hypergradient(problem, { theta, task, dtype: "float64" } as never)).gradient);
    const before = await call();
    theta.w.data[0] += 1;
    const moved = await call();
    task.x.data[0] += 1;
    expect(new Set([before, moved, await call()]).size).toBe(3);
  });

  test("runs side by side on one executor", async () => {
    const start = (seed: number) => solve(problem, { estimator: "ufom:0.5", outer: adam(0.05), outerSteps: 10, seed }).result(),
      alone = [await start(1), await start(2)],
      together = await Promise.all([start(1), start(2)]);
    expect(together.map(r => bitsOf(r.theta))).toEqual(alone.map(r => bitsOf(r.theta)));
  });
});
