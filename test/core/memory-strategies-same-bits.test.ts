import { describe, expect, test } from "vitest";
import {
  checkpoint,
  createReferenceExecutor,
  createWasmExecutor,
  exact,
  hypergradient,
  recompute,
  store,
  truncated,
} from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { fewestStepsByRecursion } from "../support/fewest-steps.js";
import { bitsOf } from "../support/gradients.js";
import { adamInside, everywhere, initialization, type Sample } from "../support/problems.js";

const executors = { reference: createReferenceExecutor(), wasm: createWasmExecutor() };
const cases = (["reference", "wasm"] as const).flatMap(executor =>
  (["float32", "float64"] as const).flatMap(dtype =>
    [everywhere, adamInside].map(sample => ({ executor, dtype, sample, name: sample.name })),
  ),
);
const strategies = (r: number) => [store, recompute, ...Array.from({ length: r }, (_, i) => checkpoint(i + 1))];

describe("store, checkpoint(1 … r) and recompute give the same bits", () => {
  test.each(cases)("$name, $dtype on $executor", async ({ executor, dtype, sample: { problem } }) => {
    for (const innerSteps of [1, 2, 3, 7, 12]) {
      const at = { executor: executors[executor], dtype, innerSteps, seed: 2 } as const,
        first = await hypergradient(problem, { ...at, estimator: exact() });
      for (const memory of strategies(innerSteps)) {
        const { gradient, loss } = await hypergradient(problem, { ...at, estimator: exact(memory) });
        expect(bitsOf(gradient), `r = ${innerSteps}, ${memory.name}`).toBe(bitsOf(first.gradient));
        expect(loss).toBe(first.loss);
      }
    }
  });

  test("also for the last K steps only", async () => {
    for (const memory of strategies(6)) {
      const at = { dtype: "float64", innerSteps: 9 } as const;
      expect(bitsOf((await hypergradient(everywhere.problem, { ...at, estimator: truncated(6, memory) })).gradient)).toBe(
        bitsOf((await hypergradient(everywhere.problem, { ...at, estimator: truncated(6) })).gradient),
      );
    }
  });

  test("also with an executor that answers later", async () => {
    const later = countingExecutor(createWasmExecutor(), { later: true });
    for (const memory of strategies(5)) {
      const [a, b] = [later, executors.wasm].map(executor =>
        hypergradient(everywhere.problem, { executor, innerSteps: 5, estimator: exact(memory) }),
      );
      expect(bitsOf((await a).gradient)).toBe(bitsOf((await b).gradient));
    }
    expect([...later.runs.keys()]).toEqual(["init", "step", "outer", "pullback", "initPullback", "add"]);
  });
});

describe("states held and steps taken", () => {
  const r = 12,
    optimum = fewestStepsByRecursion(r, r);
  const leavesOfState = { [initialization.name]: 3, [adamInside.name]: 9 },
    accumulated = { [initialization.name]: 0, [adamInside.name]: 2 };

  test.each([initialization, adamInside] as Sample[])(
    "$name: checkpoint(s) holds s states in the executor's memory and takes the fewest steps",
    async ({ name, problem }) => {
      const executor = countingExecutor(createWasmExecutor()),
        states = leavesOfState[name],
        sums = accumulated[name];
      const measure = async (memory: typeof store) => {
        executor.restart();
        const { counts, peakStates } = await hypergradient(problem, { executor, innerSteps: r, estimator: exact(memory) });
        // Between calls only the step indices and zeros for the sums stay.
        return { counts, peakStates, peak: executor.peak(), step: executor.runs.get("step"), resident: executor.usage().buffers };
      };
      await measure(store);
      const inputs = (await inputsOf(problem)).length;
      for (let s = 1; s <= r + 1; s++) {
        const { counts, peakStates, peak, step, resident } = await measure(checkpoint(s)),
          held = Math.min(s, r);
        expect(counts).toEqual({ step: r + optimum[held][r] - (r - 1), product: r, outer: 1 });
        expect(step).toBe(counts.step);
        expect(peakStates).toBeLessThanOrEqual(held);
        // Beside the held states and the outer loss: in- and output of a step with u_r and u, or the state at hand with u_r, u and the next u.
        const most = inputs + resident + (held + 4) * states + 2 * sums + 1;
        expect(peak, `s = ${s}`).toBeLessThanOrEqual(most);
        if (s < r) expect(peak, `s = ${s}`).toBeGreaterThanOrEqual(inputs + resident + s * states);
      }
      const [all, one] = [await measure(store), await measure(recompute)];
      expect([all.peakStates, all.counts.step]).toEqual([r, r]);
      expect([one.peakStates, one.counts.step]).toEqual([1, r + (r * (r - 1)) / 2]);
      expect(all.peak - one.peak).toBeGreaterThanOrEqual((r - 3) * states);
    },
  );

  const inputsOf = async (problem: Sample["problem"]) =>
    [problem.theta(1), await problem.task(1, 1, 0)].flatMap(tree => bitsOf(tree).split("\n"));
});
