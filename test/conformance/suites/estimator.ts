// What every estimator keeps, as a suite that is called: also for one of a user's own.
import { describe, expect, test } from "vitest";
import { createReferenceExecutor, createWasmExecutor, exact, stream } from "../../../src/index.js";
import type { Choice, Estimator } from "../../../src/index.js";
import { parseEstimator } from "../../../src/core/estimators/index.js";
import { countsOf } from "../../../src/core/evaluation/compiled-problem.js";
import { definitions } from "../../../src/core/problem/definitions.js";
import type { Definition } from "../../../src/core/problem/definitions.js";
import { countingExecutor, type CountingExecutor } from "../../support/counting-executor.js";
import { estimateAt, gradientAt, meanAt, outcomesOf, pointOf, type Point } from "../../support/estimates.js";
import { bitsOf, distance, numbersOf } from "../../support/gradients.js";
import { namedAdam, namedMomentum } from "../../support/named-optimizers.js";
import { adamInside, everywhere, initialization, noSteps, sampleWeights, stepRates, type Sample } from "../../support/problems.js";

/** Tests that an estimator is let off, and why. */
export interface Skip {
  readonly reason: string;
  readonly tests: readonly TestName[];
}
type TestName = "spelling" | "draws" | "evaluation" | "executors" | "mean" | "observe" | "concurrent" | "tasks";

export interface EstimatorTests {
  readonly name: string;
  /** Makes the estimator anew. */
  create(): Estimator;
  /** Definitions of its own, whose runs are counted. */
  readonly definitions?: readonly Definition[];
  readonly skip?: readonly Skip[];
}

const problems = [everywhere, initialization, sampleWeights, stepRates, adamInside, namedMomentum, namedAdam, noSteps];
const accepts = ({ compiled }: Point, { check }: Estimator): boolean => {
  try {
    check?.(compiled);
    return true;
  } catch {
    return false;
  }
};

/** Made once for all estimators: what they have in common is traced and compiled once then, and none of them sees another's numbers. */
function once<K extends object, R>(make: (key: K) => Promise<R>): (key: K) => Promise<R> {
  const known = new Map<K, Promise<R>>();
  return key => {
    const made = known.get(key) ?? make(key);
    known.set(key, made);
    return made;
  };
}

/** Where an estimator is evaluated whose buffers nobody counts. */
const place = once(({ problem }: Sample) => pointOf(problem));
const nineSteps = once(async ({ problem }: Sample) => {
  const point = await pointOf(problem, { innerSteps: 9 });
  return { point, gradient: await gradientAt(point, exact()) };
});
/** Two of a kind, one that counts, one that answers later, and the reference. */
const onExecutors = once(({ problem }: Sample) => {
  const executors = [
    createWasmExecutor(),
    createWasmExecutor(),
    countingExecutor(createWasmExecutor()),
    countingExecutor(createWasmExecutor(), { later: true }),
    createReferenceExecutor(),
  ];
  return Promise.all(executors.map(executor => pointOf(problem, { executor })));
});

/** A problem with θ everywhere, or else, where that is refused, one whose θ is the start. */
async function homeOf(estimator: Estimator): Promise<Sample> {
  for (const sample of [everywhere, initialization]) if (accepts(await place(sample), estimator)) return sample;
  throw new Error(`${estimator.name} takes none of the problems of this suite`);
}

/** Runs of definitions that an executor saw. */
const tallyOf = ({ runs }: CountingExecutor, known: readonly Definition[]): Map<Definition, number> =>
  new Map(known.flatMap(definition => (runs.has(definition.name) ? [[definition, runs.get(definition.name)!]] : [])));

/** Holds an estimator to the contract and to what its facts promise. */
export function runEstimatorTests({ name, create, definitions: own = [], skip = [] }: EstimatorTests): void {
  const known = [...definitions, ...own],
    skipped = (which: TestName) => skip.some(({ tests }) => tests.includes(which));

  describe(`estimator ${name}`, () => {
    const estimator = create();

    test.skipIf(skipped("spelling"))("its name spells it", () => {
      expect(parseEstimator(estimator.name).name).toBe(estimator.name);
      expect(parseEstimator(name).name).toBe(estimator.name);
    });

    test.skipIf(skipped("draws"))("draws from its stream alone, data, and says with which probability", async () => {
      const { theta, compiled } = await place(everywhere),
        state = estimator.init(theta, compiled.steps),
        draws = (seed: number) => Array.from({ length: 200 }, (_, i) => estimator.draw(state, stream(seed, "draw", i)));
      const first = draws(1);
      expect(draws(1)).toEqual(first);
      for (const { plan, probability } of first) {
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
        expect(probability).toBeGreaterThan(0);
        expect(probability).toBeLessThanOrEqual(1);
      }
      const listed = estimator.outcomes?.(state);
      if (!estimator.facts.random) expect(new Set(first.map(choice => JSON.stringify(choice))).size).toBe(1);
      if (!listed) return;
      expect(listed.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
      // Every plan comes as often as its probability says.
      for (const { plan, probability } of listed) {
        const share = first.filter(choice => JSON.stringify(choice.plan) === JSON.stringify(plan)).length / first.length;
        expect(Math.abs(share - probability)).toBeLessThanOrEqual(4 * Math.sqrt((probability * (1 - probability)) / first.length));
      }
    });

    test.skipIf(skipped("evaluation")).each(problems)(
      "on $name: θ's tree, a finite loss, counts, work and states; no buffer stays",
      async ({ problem }) => {
        const executor = countingExecutor(createWasmExecutor()),
          point = await pointOf(problem, { executor });
        if (!accepts(point, estimator)) return expect(() => estimator.check!(point.compiled)).toThrow(/^ufom: .*; received .*\.$/s);
        const like = (tree: unknown) => JSON.stringify(tree, (key, value: unknown) => (key === "data" ? "numbers" : value)),
          choices = outcomesOf(estimator, point.theta, point.compiled.steps);
        for (const choice of choices) await estimateAt(point, estimator, choice);
        const resident = executor.usage().buffers;
        for (const choice of choices) {
          executor.restart();
          const estimate = await estimateAt(point, estimator, choice),
            { counts, peakStates, work, seconds } = estimate;
          expect(like(estimate.gradient)).toBe(like(point.theta));
          expect(estimate.loss).toBeTypeOf("number");
          expect(Number.isFinite(estimate.loss)).toBe(true);
          const tally = tallyOf(executor, known),
            done = point.compiled.workOf(tally);
          expect(counts).toEqual(countsOf(tally));
          expect(peakStates).toBeGreaterThanOrEqual(1);
          expect(peakStates).toBeLessThanOrEqual(Math.max(1, estimator.facts.states(problem.steps)));
          const random = choice.exact ? work.random : 0;
          expect(Math.abs(work.deterministic + random - done)).toBeLessThan(1e-9 * done);
          expect(seconds.deterministic).toBeGreaterThan(0);
          expect(executor.usage().buffers).toBe(resident);
        }
        point.compiled.dispose();
        expect(executor.usage().buffers).toBe(0);
      },
    );

    test.skipIf(skipped("executors"))(
      "the same numbers again, on both executors to rounding, and with one that answers later",
      async () => {
        const home = await homeOf(estimator),
          { problem } = home,
          points = await onExecutors(home);
        for (const choice of outcomesOf(estimator, problem.theta(1), problem.steps)) {
          const gradients = await Promise.all(points.map(async point => (await estimateAt(point, estimator, choice)).gradient));
          for (const gradient of gradients.slice(1, 4)) expect(bitsOf(gradient)).toBe(bitsOf(gradients[0]));
          expect(distance(numbersOf(gradients[4]), numbersOf(gradients[0]))).toBeLessThan(1e-11);
        }
      },
    );

    const { bias } = estimator.facts;
    test.skipIf(skipped("mean"))(bias === "none" ? "its mean is the exact gradient" : "its mean is not the exact gradient", async () => {
      for (const sample of new Set([await homeOf(estimator), everywhere, adamInside, namedMomentum, namedAdam])) {
        const { point, gradient } = await nineSteps(sample);
        if (!accepts(point, estimator)) continue;
        expect(estimator.outcomes, "an estimator with too many outcomes to list has a test of its own").toBeDefined();
        const off = distance(await meanAt(point, estimator), gradient);
        if (bias === "none") expect(off).toBeLessThan(1e-11);
        else expect(off).toBeGreaterThan(1e-3);
      }
    });

    test.skipIf(skipped("observe"))("observes: a state of data, that depends on nothing but what it saw", async () => {
      const point = await place(await homeOf(estimator)),
        choice = outcomesOf(estimator, point.theta, point.compiled.steps).find(c => c.exact)!,
        seen = await estimateAt(point, estimator, choice),
        before = estimator.init(point.theta, point.compiled.steps);
      const frozen = structuredClone(before),
        once = estimator.observe?.(before, seen) ?? before,
        again = estimator.observe?.(structuredClone(before), seen) ?? before;
      expect(before).toEqual(frozen);
      expect(again).toEqual(once);
      expect(structuredClone(once)).toEqual(once);
      // It goes on from its own state.
      expect(estimator.draw(once, stream(1, "draw", 2))).toEqual(estimator.draw(structuredClone(once), stream(1, "draw", 2)));
    });

    test.skipIf(skipped("concurrent"))("evaluations at once do not see each other's θ, task or draw, recorded or not", async () => {
      const { problem } = await homeOf(estimator);
      for (const make of [
        () => createWasmExecutor(),
        () => countingExecutor(createWasmExecutor(), { later: true }),
        createReferenceExecutor,
      ]) {
        const { compiled } = await pointOf(problem, { executor: make() }),
          jobs: { point: Point; choice: Choice }[] = [];
        for (let i = 0; i < 4; i++) {
          const theta = problem.theta(1 + i),
            choices = outcomesOf(estimator, theta, problem.steps);
          jobs.push({ point: { compiled, theta, task: await problem.task(1, 1, i) }, choice: choices[i % choices.length] });
        }
        const together = await Promise.all(jobs.map(({ point, choice }) => estimateAt(point, estimator, choice)));
        expect(new Set(together.map(({ loss }) => loss)).size).toBe(jobs.length);
        for (const [i, { point, choice }] of jobs.entries()) {
          const alone = await estimateAt(point, estimator, choice);
          expect(bitsOf(together[i].gradient)).toBe(bitsOf(alone.gradient));
          expect(together[i].loss).toBe(alone.loss);
        }
      }
    });
  });
}
