// exact:residuals: the gradients of exact, less work, no more memory than its bound allows, and what is told of it.
import { describe, expect, test } from "vitest";
import { pullback } from "../../src/core/problem/definitions.js";
import { heldStates } from "../../src/core/solve/check-memory.js";
import {
  createReferenceExecutor,
  createWasmExecutor,
  exact,
  hypergradient,
  parseEstimator,
  residuals,
  sgd,
  solve,
  store,
  truncated,
  ufom,
  type Estimator,
  type Executor,
} from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { bitsOf, distance, numbersOf } from "../support/gradients.js";
import { estimateAt, outcomesOf, pointOf } from "../support/estimates.js";
import { everywhere } from "../support/problems.js";
import { wideProblems, type WideSample } from "../support/wide-problems.js";

/** Bytes of what a step keeps. */
const bytesOfStep = async ({ problem }: WideSample, dtype: "float32" | "float64" = "float64"): Promise<number> =>
  problem.programs({ theta: problem.theta(1), task: await problem.task(1, 1, 0) }, dtype).kept([pullback])!.bytes;

describe("the gradients of exact", () => {
  test.each(wideProblems)("$name: for every bound, from none to all steps", async sample => {
    const executor = countingExecutor(createWasmExecutor()),
      at = { dtype: "float64", executor, seed: 3 } as const,
      bytes = await bytesOfStep(sample),
      { gradient, loss, counts, peakStates } = await hypergradient(sample.problem, at),
      whole = numbersOf(gradient);
    for (let steps = 0; steps <= sample.problem.steps; steps++) {
      executor.restart();
      const found = await hypergradient(sample.problem, { ...at, estimator: exact(residuals(steps * bytes + (steps ? 8 : 0))) });
      expect(distance(numbersOf(found.gradient), whole)).toBeLessThan(1e-13);
      expect([found.loss, found.counts, found.peakStates]).toEqual([loss, counts, peakStates]);
      expect(executor.runs.get("pullback from residuals") ?? 0).toBe(steps);
      expect(executor.runs.get("step with residuals for pullback") ?? 0).toBe(steps);
    }
  });

  test.each(wideProblems)("$name: in float32, and with the reference executor", async ({ problem }) => {
    for (const [executor, dtype, off] of [
      [createWasmExecutor(), "float32", 2e-5],
      [createReferenceExecutor(), "float64", 1e-13],
    ] as const) {
      const at = { executor, dtype, seed: 1 },
        [a, b] = [await hypergradient(problem, at), await hypergradient(problem, { ...at, estimator: "exact:residuals" })];
      expect(distance(numbersOf(b.gradient), numbersOf(a.gradient))).toBeLessThan(off);
    }
  });

  test.each(wideProblems)("$name: of truncated and of UFOM, whose sweeps share what is kept", async ({ problem }) => {
    const point = await pointOf(problem, { executor: createWasmExecutor(), dtype: "float64" }),
      pairs: readonly (readonly [Estimator, Estimator])[] = [
        [truncated(2, store), truncated(2, residuals())],
        [ufom(0.3, { target: exact(store) }), parseEstimator("ufom:0.3:residuals")],
        [parseEstimator("ufom:0.3:store:baseline=first-order:mixed"), parseEstimator("ufom:0.3:residuals:baseline=first-order:mixed")],
        [ufom(0.3, { target: exact(store), baseline: truncated(2) }), ufom(0.3, { target: exact(residuals()), baseline: truncated(2) })],
      ];
    for (const [plain, keeping] of pairs) {
      const choices = outcomesOf(plain, point.theta);
      for (const [k, choice] of outcomesOf(keeping, point.theta).entries()) {
        const a = await estimateAt(point, plain, choices[k]),
          b = await estimateAt(point, keeping, choice);
        expect(distance(numbersOf(b.gradient), numbersOf(a.gradient)), keeping.name).toBeLessThan(1e-12);
        expect(b.counts).toEqual(a.counts);
        const total = ({ work }: typeof a) => work.deterministic + (choice.exact ? work.random : 0);
        if (choice.exact) expect(total(b)).toBeLessThan(total(a) * 0.98);
        // What is announced is what was run.
        const { deterministic, random } = keeping.work!(point.compiled, choice);
        expect(total(b)).toBeCloseTo(deterministic + (choice.exact ? random : 0), 9);
      }
    }
  });

  test("of a recorded batch, call by call and in a run of solve", async () => {
    const { problem } = wideProblems[0],
      run = (estimator: string, executor: Executor) =>
        solve(problem, { estimator, executor, outer: sgd(0.01), outerSteps: 4, metaBatch: 3, seed: 1, dtype: "float64" }).result();
    const plain = await run("exact", createWasmExecutor()),
      [recorded, byCall] = [
        await run("exact:residuals", createWasmExecutor()),
        await run("exact:residuals", countingExecutor(createWasmExecutor())),
      ];
    expect(bitsOf(recorded.theta)).toBe(bitsOf(byCall.theta));
    expect(distance(numbersOf(recorded.theta), numbersOf(plain.theta))).toBeLessThan(1e-12);
    expect(recorded.counts).toEqual(plain.counts);
  });
});

describe("memory", () => {
  test.each(wideProblems)("$name: no more bytes than the states and the bound", async sample => {
    const { problem } = sample,
      inner = createWasmExecutor(),
      executor = countingExecutor(inner);
    let peak = 0;
    executor.before = () => (peak = Math.max(peak, inner.usage().bytes));
    const peakOf = async (estimator: string) => {
      peak = 0;
      await hypergradient(problem, { executor, estimator, dtype: "float64" });
      return peak;
    };
    await peakOf("exact:residuals");
    await peakOf("exact");
    const ofStates = await peakOf("exact"),
      bytes = await bytesOfStep(sample);
    for (let steps = 0; steps <= problem.steps; steps++) {
      // Places are aligned: a little more than the numbers themselves.
      const more = (await peakOf(`exact:residuals=${steps * bytes}B`)) - ofStates;
      expect(more).toBeLessThanOrEqual(1.1 * steps * bytes);
      expect(more).toBeGreaterThanOrEqual(0.9 * (steps - 1) * bytes);
    }
  });

  test("is counted beside the states", async () => {
    const [sample] = wideProblems,
      { compiled } = await pointOf(sample.problem, { executor: createWasmExecutor(), dtype: "float64" }),
      held = (estimator: string) => heldStates(compiled, parseEstimator(estimator)),
      bytes = await bytesOfStep(sample),
      r = sample.problem.steps;
    const states = held("exact");
    expect(states.residuals).toBeUndefined();
    expect(held("exact:residuals")).toMatchObject({ states: r, bytes: states.bytes + r * bytes, residuals: { steps: r, depth: r } });
    expect(held(`exact:residuals=${3 * bytes}B`)).toMatchObject({ bytes: states.bytes + 3 * bytes, residuals: { steps: 3 } });
    expect(held("truncated:2:residuals").bytes).toBe((2 * states.bytes) / r + 2 * bytes);
    expect(held("ufom:0.5:residuals").bytes).toBeGreaterThan(states.bytes + r * bytes - 1);
  });

  test("an executor that is small keeps fewer steps' residuals", async () => {
    const [sample] = wideProblems,
      { compiled } = await pointOf(sample.problem, { executor: createWasmExecutor(), dtype: "float64" }),
      { states, bytesOfState, residuals: kept } = heldStates(compiled, exact(residuals())),
      capacity = states * bytesOfState + 2.1 * (4 / 3) * kept!.step!.bytes;
    const { programs, steps } = compiled;
    expect(heldStates({ programs, steps, capacity }, exact(residuals())).residuals!.steps).toBe(2);
  });
});

describe("what is told", () => {
  const notes = async (estimator: string, { problem } = wideProblems[0] as { problem: WideSample["problem"] }) =>
    (await hypergradient(problem, { estimator, dtype: "float64" })).notes.filter(note => note.includes("residuals"));

  test("where all steps keep theirs, what they take", async () => {
    expect(await notes("exact:residuals")).toEqual([
      expect.stringMatching(
        /^exact:residuals keeps the residuals of all \d+ steps beside their states: [\d.]+ (kB|MB) a step, [\d.]+ (kB|MB) in all\.$/,
      ),
    ]);
    // A run that has ended tells the same.
    const run = solve(wideProblems[0].problem, { estimator: "exact:residuals", outer: "sgd:0.001", outerSteps: 2 });
    for await (const step of run) expect(step.loss).toBeGreaterThan(0);
    const { notes: ofRun } = await run.result();
    expect(ofRun.filter(note => note.includes("residuals"))).toEqual([expect.stringMatching(/keeps the residuals of/)]);
    expect(await notes("exact")).toEqual([]);
  });

  test("where the bound is too small for all of them, and where there is nothing worth keeping", async () => {
    const bytes = await bytesOfStep(wideProblems[0]);
    expect(await notes(`exact:residuals=${2 * bytes}B`)).toEqual([
      expect.stringMatching(
        /^exact:residuals=\d+B keeps the residuals of the last 2 of 5 steps only, as its bound allows; they take \S+ kB a step, \S+ kB in all\. What is not kept is computed again\.$/,
      ),
    ]);
    expect(await notes("exact:residuals=0B")).toEqual([expect.stringMatching(/keeps the residuals of no step, as its bound allows/)]);
    expect(await notes("exact:residuals", everywhere)).toEqual([
      "exact:residuals keeps states only: what a step computes is worth too little to its product to be kept.",
    ]);
  });
});

describe("spelling", () => {
  test.each([
    ["residuals", "exact:residuals"],
    ["residuals=500MB", "exact:residuals=500MB"],
    ["residuals=1.5GB", "exact:residuals=1500MB"],
    ["residuals=2000kB", "exact:residuals=2MB"],
    ["residuals=0B", "exact:residuals=0B"],
    ["residuals=12345B", "exact:residuals=12345B"],
  ])("exact:%s is %s", (text, name) => {
    expect(parseEstimator(`exact:${text}`).name).toBe(name);
    expect(parseEstimator(name).name).toBe(name);
  });

  test.each([
    "residuals=",
    "residuals=500",
    "residuals=-1MB",
    "residuals=1e3kB",
    "residuals=500mb",
    "residuals=1.5B9",
    "residuals=99999999GB",
  ])("exact:%s is refused", text => {
    expect(() => parseEstimator(`exact:${text}`)).toThrow(
      /^ufom: residuals wants a whole number of bytes, at least 0 \(in a spelling with its unit: 500MB, 2GB\); received .*\.$/,
    );
  });

  test.each([-1, 1.5, NaN, Infinity, "500MB"])("residuals(%s) is refused", bytes => {
    expect(() => residuals(bytes as number)).toThrow(/^ufom: residuals wants a whole number of bytes, at least 0/);
  });
});
