// What does not fit is refused before anything is computed, with the way out.
import { expect, test } from "vitest";
import { createWasmExecutor, defineProblem, f32, hypergradient, np, sgd, solve } from "../../src/index.js";
import { WasmExecutor } from "../../src/executors/wasm/executor.js";
import { hostForm, storedForm } from "../../src/executors/wasm/stored-form.js";
import { trace } from "../../src/tensor/trace.js";
import { countingExecutor } from "../support/counting-executor.js";
import { longLoop } from "../support/long-loop.js";

test("exact that keeps more states than the executor holds is refused, in hypergradient and solve; what it names runs", async () => {
  const executor = new WasmExecutor(2 ** 22),
    counting = Object.assign(countingExecutor(executor), { capacity: executor.capacity }),
    problem = longLoop(20_000),
    sentence =
      /^ufom: exact must hold no more states of the inner loop than the 4\.19 MB of the .*wasm executor have room for \(exact:checkpoint=64 holds 64, exact:recompute and ufom:adaptive:recompute hold one\); received 20,000 states of 0\.264 kB, 5\.28 MB in all\.$/;
  await expect(hypergradient(problem, { executor: counting })).rejects.toThrow(sentence);
  await expect(solve(problem, { estimator: "exact", outer: sgd(1), outerSteps: 1, executor: counting }).result()).rejects.toThrow(sentence);
  expect(counting.runs.size).toBe(0);
  for (const estimator of ["exact:checkpoint=64", "first-order"])
    expect((await hypergradient(problem, { executor, estimator, innerSteps: 17_000 })).loss).toBeGreaterThan(0);
  expect((await hypergradient(problem, { executor, estimator: "exact", innerSteps: 1000 })).peakStates).toBe(1000);
});

/** φ ← φ − η(φ − y + θ), of so many numbers. */
const wide = (size: number, steps: number) =>
  defineProblem({
    theta: () => f32([1]),
    task: () => f32([0.5]),
    init: () => np.zeros([size]),
    inner: {
      loss: (theta, phi, y) => np.square(phi.sub(y)).mul(0.5).sum().add(phi.mul(theta).sum()),
      rate: 0.3 / steps,
      steps,
    },
    outer: (_, phi, y) => np.square(phi.sub(y)).mean(),
  });

test("what a run held is there for the next one, of the same estimator or another", async () => {
  const executor = new WasmExecutor(2 ** 24),
    problem = wide(1000, 3000),
    losses: number[] = [];
  for (const estimator of ["exact", "exact", "exact:residuals", "truncated:2900", "exact"]) {
    losses.push((await hypergradient(problem, { executor, estimator })).loss);
    expect(executor.usage().bytes).toBeLessThan(2 ** 18);
  }
  expect(new Set(losses).size).toBe(1);
  executor.dispose();
});

test.each(["exact", "exact:residuals"])("%s: 100 states of a million numbers fit into 3 percent more than they take", async estimator => {
  const executor = new WasmExecutor(Math.ceil(412e6 / 65536) * 65536),
    problem = wide(1_000_000, 100);
  for (let again = 0; again < 2; again++) {
    const { gradient, peakStates } = await hypergradient(problem, { executor, estimator });
    expect(peakStates).toBe(100);
    // ∂L/∂θ = 2 mean(φ_r − y) ∂φ_r/∂θ with φ_r − y = (y − θ)(1 − (1 − η)^r) − y and ∂φ_r/∂θ = (1 − η)^r − 1.
    const left = (1 - 0.003) ** 100,
      exact = 2 * ((0.5 - 1) * (1 - left) - 0.5) * (left - 1);
    expect(gradient.data[0] / exact).toBeCloseTo(1, 3);
    expect(executor.usage().bytes).toBeLessThan(1000);
  }
  executor.dispose();
});

test("numbers that are counted up count before they are laid down", () => {
  const executor = new WasmExecutor(2 ** 24),
    { program } = trace(() => np.arange(1e8).sum(), [], "float32");
  expect(() => executor.compile(program)).toThrow(/^ufom: program needs 400 MB \(4 bytes for outputs, 400 MB for constants\); the wasm/);
  expect(createWasmExecutor().refuse?.(program)).toBeUndefined();
});

test("booleans come and go without a list of numbers between", () => {
  const bools = new Uint8Array(2 ** 24).map((_, i) => i & 1),
    stored = storedForm("bool", bools);
  expect(stored.byteLength).toBe(4 * bools.length);
  expect([stored[0], stored[4], stored[7]]).toEqual([0, 255, 255]);
  expect(Buffer.compare(hostForm("bool", stored.buffer as ArrayBuffer, 0, bools.length) as Uint8Array, bools)).toBe(0);
});
