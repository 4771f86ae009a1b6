// What does not fit is refused before anything is computed, with the way out.
import { expect, test } from "vitest";
import { createWasmExecutor, hypergradient, np, sgd, solve } from "../../src/index.js";
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
      /^ufom: exact must hold no more states of the inner loop than the 4\.19 MB of the .*wasm executor have room for \(exact:checkpoint=64 holds 64, exact:recompute and ufom:adaptive hold one\); received 20,000 states of 0\.264 kB, 5\.28 MB in all\.$/;
  await expect(hypergradient(problem, { executor: counting })).rejects.toThrow(sentence);
  await expect(solve(problem, { estimator: "exact", outer: sgd(1), outerSteps: 1, executor: counting }).result()).rejects.toThrow(sentence);
  expect(counting.runs.size).toBe(0);
  for (const estimator of ["exact:checkpoint=64", "first-order"])
    expect((await hypergradient(problem, { executor, estimator, innerSteps: 17_000 })).loss).toBeGreaterThan(0);
  expect((await hypergradient(problem, { executor, estimator: "exact", innerSteps: 1000 })).peakStates).toBe(1000);
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
