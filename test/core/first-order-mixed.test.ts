// Which states first-order:mixed keeps: small ones, as far as a bound of bytes allows, or as it is told. The bits are the same.
import { describe, expect, test } from "vitest";
import {
  checkpoint,
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  firstOrder,
  hypergradient,
  np,
  parseEstimator,
  recompute,
  residuals,
  store,
  zeros,
} from "../../src/index.js";
import type { MemoryStrategy } from "../../src/index.js";
import { mixed } from "../../src/core/problem/definitions.js";
import { countingExecutor } from "../support/counting-executor.js";
import { pointOf } from "../support/estimates.js";
import { bitsOf, distance, numbersOf } from "../support/gradients.js";
import { adamInside, everywhere, sampleWeights } from "../support/problems.js";
import { wideProblems } from "../support/wide-problems.js";

const keeping = (memory?: MemoryStrategy) => firstOrder({ mixed: true, memory });

describe("first-order:mixed", () => {
  test.each([everywhere, adamInside, sampleWeights])(
    "$name: the same bits, whatever is kept; 2r − s inner steps with s states",
    async ({ problem }) => {
      for (const [executor, steps] of [
        [createWasmExecutor(), [1, 2, 7]],
        [createReferenceExecutor(), [3]],
      ] as const)
        for (const innerSteps of steps) {
          const at = { executor, dtype: "float64", innerSteps, seed: 2 } as const,
            usual = await hypergradient(problem, { ...at, estimator: keeping() });
          expect([usual.counts.step, usual.peakStates]).toEqual([innerSteps, innerSteps]);
          const kept = [store, recompute, ...Array.from({ length: innerSteps }, (_, i) => checkpoint(i + 1))];
          for (const memory of kept) {
            const found = await hypergradient(problem, { ...at, estimator: keeping(memory) }),
              states = memory.states(innerSteps);
            expect(bitsOf(found.gradient), `r = ${innerSteps}, ${memory.name}`).toBe(bitsOf(usual.gradient));
            expect(found.counts).toEqual({ step: 2 * innerSteps - states, product: innerSteps, outer: 1 });
            expect(found.peakStates).toBe(states);
          }
        }
    },
  );

  test("large states: as many as 50 MB hold, and at least one", async () => {
    const of = (length: number) =>
      defineProblem({
        theta: () => zeros(2),
        task: () => zeros(),
        init: () => np.zeros([length]),
        inner: { loss: (theta, phi) => np.square(phi.sub(theta.slice(0))).sum(), rate: 0.1, steps: 8 },
        outer: (_, phi) => phi.sum(),
      });
    for (const [length, states] of [
      [2_500_000, 5],
      [13_000_000, 1],
    ] as const) {
      const executor = createWasmExecutor(),
        { counts, peakStates } = await hypergradient(of(length), { executor, estimator: "first-order:mixed" });
      expect([counts.step, peakStates]).toEqual([16 - states, states]);
      executor.dispose();
    }
  });

  test.each(wideProblems)("$name: from residuals, to rounding, with less work", async ({ name, problem }) => {
    const executor = countingExecutor(createWasmExecutor()),
      at = { executor, dtype: "float64" } as const,
      plain = await hypergradient(problem, { ...at, estimator: "first-order:mixed" });
    executor.restart();
    const found = await hypergradient(problem, { ...at, estimator: keeping(residuals()) });
    expect(distance(numbersOf(found.gradient), numbersOf(plain.gradient))).toBeLessThan(1e-13);
    expect([found.loss, found.counts, found.peakStates]).toEqual([plain.loss, plain.counts, plain.peakStates]);
    const { compiled } = await pointOf(problem),
      { steps } = problem;
    // A step of these two computes too little that the mixed product needs again.
    expect(compiled.programs.kept([mixed]) === undefined, name).toBe(/own|convolutions/.test(name));
    if (!compiled.programs.kept([mixed])) return expect(found.notes).toContainEqual(expect.stringContaining("keeps states only"));
    expect([executor.runs.get("step with residuals for mixed"), executor.runs.get("mixed from residuals")]).toEqual([steps, steps]);
    expect(found.work.deterministic).toBeLessThan(plain.work.deterministic);
  });

  test("says how many states it holds: of a problem, or the most of any", async () => {
    const { compiled } = await pointOf(sampleWeights.problem),
      bytes = compiled.programs.state.reduce((sum, { shape }) => sum + 8 * shape.reduce((a, b) => a * b, 1), 0);
    expect(bytes).toBeGreaterThan(0);
    expect(keeping().facts.states(100)).toBe(100);
    expect(keeping().facts.states(1e9, compiled)).toBe(Math.floor(50e6 / bytes));
    expect(keeping(recompute).facts.states(100)).toBe(1);
  });

  test("spellings, and what is refused", () => {
    expect(keeping().name).toBe("first-order:mixed");
    for (const memory of ["store", "recompute", "checkpoint=3", "residuals=2MB"])
      expect(parseEstimator(`first-order:mixed:${memory}`).name).toBe(`first-order:mixed:${memory}`);
    expect(parseEstimator("ufom:0.5:baseline=first-order:mixed:recompute").name).toBe("ufom:0.5:baseline=first-order:mixed:recompute");
    expect(() => firstOrder({ memory: store })).toThrow(
      /^ufom: first-order takes a memory strategy with mixed: true only, as the plain form goes back over no step; received \{ name, .* \}\.$/,
    );
    expect(() => keeping("store" as never)).toThrow(/^ufom: first-order takes a memory strategy: /);
    expect(() => parseEstimator("first-order:mixed:all")).toThrow("a memory strategy is one of");
  });
});
