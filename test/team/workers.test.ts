// How many threads compute, and what is told of it.
import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  hypergradient,
  sgd,
  solve,
  type Executor,
  type SolveOptions,
} from "../../src/index.js";
import { chooseWorkers } from "../../src/team/choose-workers.js";
import { countingExecutor } from "../support/counting-executor.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";

const { problem } = everywhere,
  options: SolveOptions = { estimator: "exact", outer: sgd(0.1), outerSteps: 2, metaBatch: 3 };

describe("the choice", () => {
  const work = { asked: undefined, cores: 4, tasks: 25, effort: 1e5, batches: 10_000 };
  test.each([
    ["as many as there are cores", work, 4],
    ["as many as there are tasks", { ...work, tasks: 3 }, 3],
    ["one on one core", { ...work, cores: 1 }, 1],
    ["one for one task", { ...work, tasks: 1, effort: 1e9 }, 1],
    ["one where handing over takes longer than the work", { ...work, effort: 1e4, batches: 1e9 }, 1],
    ["one where the run is over before threads have started", { ...work, batches: 300 }, 1],
    ["as many as were asked for, whatever the work", { ...work, asked: 7, effort: 1, batches: 1 }, 7],
    ["no more than there are tasks", { ...work, asked: 30 }, 25],
  ])("%s", (_, given, workers) => {
    const choice = chooseWorkers(given);
    expect(choice.workers).toBe(workers);
    // What was decided is told, and what was asked for and done is not.
    expect(choice.note !== undefined).toBe(given.asked === undefined ? workers > 1 : given.asked !== workers);
  });
});

describe("what was asked for", () => {
  test.each([0, -1, 1.5, NaN, "2"])("%s is refused where it is given", async workers => {
    const odd = workers as number,
      rule = `workers must be a whole number of at least 1; received ${workers}.`;
    expect(() => solve(problem, { ...options, workers: odd })).toThrow(`ufom: solve's ${rule}`);
    await expect(hypergradient(problem, { metaBatch: 2, workers: odd })).rejects.toThrow(`ufom: hypergradient's ${rule}`);
  });

  test("is done, by solve and by hypergradient", async () => {
    expect(await solve(problem, { ...options, workers: 3 })).toMatchObject({ workers: 3, notes: [] });
    const mean = { metaBatch: 3, estimator: "ufom:0.5" },
      [one, two] = [await hypergradient(problem, { ...mean, workers: 1 }), await hypergradient(problem, { ...mean, workers: 2 })];
    expect([one.workers, two.workers, two.notes]).toEqual([1, 2, []]);
    expect(bitsOf(two.gradient)).toBe(bitsOf(one.gradient));
    const plain = (estimates: typeof one.estimates) => estimates.map(({ choice, carry, work }) => ({ choice, carry, work }));
    expect([two.loss, two.counts, two.peakStates, plain(two.estimates)]).toEqual([
      one.loss,
      one.counts,
      one.peakStates,
      plain(one.estimates),
    ]);
  });

  test("more than there are tasks is told", async () => {
    const told = "workers: 9 threads were asked for; a meta-batch of 3 tasks has work for 3.";
    expect(await solve(problem, { ...options, workers: 9 })).toMatchObject({ workers: 3, notes: [told] });
    const single = "workers: 2 threads were asked for; one task has work for one.";
    expect(await hypergradient(problem, { workers: 2 })).toMatchObject({ workers: 1, notes: [single] });
    expect(await solve(problem, { ...options, metaBatch: 1, workers: 2 })).toMatchObject({ workers: 1, notes: [single] });
  });

  test.each<[string, () => Executor]>([
    ["reference", createReferenceExecutor],
    ["counting wasm", () => countingExecutor(createWasmExecutor())],
  ])("the executor %s computes in one thread, and that is told", async (name, make) => {
    const found = await solve(problem, { ...options, executor: make(), workers: 2 });
    expect(found.workers).toBe(1);
    expect(found.notes).toEqual([
      `workers: 2 threads were asked for; they have the executor wasm, and here it is ${name}, so the tasks were computed in this one.`,
    ]);
  });

  test("what is not asked for and not worth it is one thread, without a word", async () => {
    expect(await solve(problem, options)).toMatchObject({ workers: 1, notes: [] });
    expect(await hypergradient(problem, { metaBatch: 3 })).toMatchObject({ workers: 1, notes: [] });
  });

  test("changed numbers of a task are seen by the next call", async () => {
    const tasks = [await problem.task(1, 1, 0), await problem.task(1, 1, 1)] as unknown as { x: { data: Float64Array } }[],
      gradient = async (workers: number) => bitsOf((await hypergradient(problem, { tasks: tasks as never, workers })).gradient),
      before = await gradient(2);
    tasks[1].x.data[0] += 1;
    const after = await gradient(2);
    expect(after).not.toBe(before);
    expect(after).toBe(await gradient(1));
  });
});
