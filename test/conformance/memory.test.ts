import { expect, test } from "vitest";
import { checkpoint, memorySpellings, parseMemory, recompute, replay, residuals, store } from "../../src/core/memory/index.js";
import type { MemoryStrategy } from "../../src/core/memory/strategy.js";
import { runMemoryTests } from "./suites/memory.js";

const strategies: readonly MemoryStrategy[] = [store, recompute, residuals(), residuals(1000), ...[1, 2, 3, 5, 8, 64].map(checkpoint)];
for (const strategy of [...strategies, ...strategies.map(replay)]) runMemoryTests({ create: () => strategy });

test("every strategy that can be spelled is found by its own name", () => {
  for (const strategy of strategies.filter(({ order }) => order === "reverse")) {
    expect(parseMemory(strategy.name).name).toBe(strategy.name);
  }
  const covered = memorySpellings.map(({ parse }) => strategies.some(({ name }) => parse(name)));
  expect(covered).toEqual(memorySpellings.map(() => true));
});
