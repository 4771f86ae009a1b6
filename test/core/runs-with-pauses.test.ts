import { afterEach, expect, test, vi } from "vitest";
import { adam, createWasmExecutor, solve } from "../../src/index.js";
import { Pauses } from "../../src/core/evaluation/pauses.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test("runs side by side on one executor pause anywhere, begin and end while others are under way, and have the bits that they have alone", async () => {
  const executor = createWasmExecutor(),
    { problem } = everywhere;
  const start = (seed: number) => {
    const outerSteps = 6 + 2 * seed;
    return solve(problem, { estimator: "ufom:0.5", outer: adam(0.05), outerSteps, seed, executor }).result();
  };
  const seeds = [1, 2, 3],
    alone: string[] = [];
  for (const seed of seeds) alone.push(bitsOf((await start(seed)).theta));

  let random = 0;
  vi.spyOn(Pauses.prototype, "due").mockImplementation(() => {
    random = (Math.imul(random, 1103515245) + 12345) | 0;
    return ((random >>> 16) & 7) === 0;
  });
  for (let round = 1; round <= 25; round++) {
    random = 7919 * round;
    const together = await Promise.all(seeds.map(start));
    expect(
      together.map(({ theta }) => bitsOf(theta)),
      `round ${round}`,
    ).toEqual(alone);
  }
  expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  executor.dispose();
});
