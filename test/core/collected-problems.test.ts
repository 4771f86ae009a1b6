import { expect, test } from "vitest";
import { createReferenceExecutor, createWasmExecutor, defineProblem, hypergradient, type Executor } from "../../src/index.js";
import { afterCollection } from "../support/garbage.js";

async function useOnce(executor: Executor): Promise<void> {
  const problem = defineProblem({
    theta: random => random.normal([3]),
    task: random => random.normal([3]),
    init: theta => theta,
    inner: { loss: (_, phi, task) => phi.sub(task).mul(phi).sum(), rate: 0.1, steps: 3 },
    outer: (_, phi, task) => phi.sub(task).mul(phi).sum(),
  });
  await hypergradient(problem, { executor });
}

test.each([createWasmExecutor, createReferenceExecutor])(
  "what %o holds for a problem is given back after the problem was collected",
  async make => {
    const executor = make();
    for (let i = 0; i < 5; i++) await useOnce(executor);
    expect(executor.usage().buffers).toBeGreaterThan(0);
    expect(await afterCollection(() => executor.usage().buffers === 0)).toBe(true);
  },
);

test.each([createWasmExecutor, createReferenceExecutor])("%o, disposed before, has nothing to give back", async make => {
  const [kept, gone] = [createWasmExecutor(), make()];
  await useOnce(gone);
  gone.dispose();
  await useOnce(kept);
  expect(await afterCollection(() => kept.usage().buffers === 0)).toBe(true);
});
