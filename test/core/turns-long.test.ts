// Loops of so many steps that nobody would wait for them: timers tick, and an abort is heard.
import { describe, expect, test } from "vitest";
import {
  checkpoint,
  createReferenceExecutor,
  createWasmExecutor,
  exact,
  hypergradient,
  sgd,
  solve,
  type Executor,
} from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { longLoop } from "../support/long-loop.js";

const longest = 3_000_000;

describe("3,000,000 inner steps", () => {
  const executors: readonly (readonly [string, () => Executor])[] = [
    ["wasm", createWasmExecutor],
    ["reference", createReferenceExecutor],
  ];
  test.each(executors)("on %s, hypergradient: a timer ticks, and an abort is heard long before they are done", async (_, make) => {
    const executor = countingExecutor(make()),
      controller = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => ++ticks === 3 && controller.abort(new Error("that will do")), 1);
    try {
      await expect(hypergradient(longLoop(longest), { estimator: "first-order", executor, signal: controller.signal })).rejects.toThrow(
        "that will do",
      );
    } finally {
      clearInterval(timer);
    }
    expect(ticks).toBeLessThan(6);
    expect(executor.runs.get("step")).toBeGreaterThan(0);
    expect(executor.runs.get("step")).toBeLessThan(longest);
  });

  test("AbortSignal.timeout ends hypergradient and solve, watched or not, with nothing left and θ as it was", async () => {
    const problem = longLoop(longest);
    for (const estimator of ["first-order", "first-order:mixed", "truncated:5", "exact:checkpoint=1000"]) {
      const executor = countingExecutor(createWasmExecutor());
      const reason: unknown = await hypergradient(problem, { estimator, executor, signal: AbortSignal.timeout(20) }).catch(
        (error: unknown) => error,
      );
      expect((reason as Error).name).toBe("TimeoutError");
      // Where compiling took as long, no step was begun.
      expect(executor.runs.get("step") ?? 0).toBeLessThan(longest);
      const options = { estimator, outer: sgd(1), outerSteps: 10, executor };
      for (const watched of [false, true]) {
        executor.restart();
        const controller = new AbortController(),
          run = solve(problem, { ...options, signal: controller.signal }),
          seen: number[] = [];
        // A timer that is set at the first inner step.
        executor.before = name => {
          if (name !== "step") return;
          executor.before = () => {};
          setTimeout(() => controller.abort(), 1);
        };
        if (watched) for await (const { index } of run) seen.push(index);
        const { outcome, message, outerSteps, theta } = await run.result();
        expect([outcome, outerSteps, message, seen]).toEqual([
          "stopped",
          0,
          "Stopped within outer step 1, as asked; θ is that of step 0.",
          [],
        ]);
        expect([...theta.data]).toEqual([1, 2]);
        expect(executor.runs.get("step")).toBeLessThan(longest);
      }
    }
  });

  test("the index of each step takes no memory of its own", async () => {
    const executor = countingExecutor(createWasmExecutor());
    const peak = async (innerSteps: number) => {
      executor.restart();
      await hypergradient(longLoop(longest), { estimator: "first-order", executor, innerSteps });
      return executor.peak();
    };
    const shorter = await peak(20_000);
    // Beside what was there before, another compiled problem: its own indices, and not more for more steps.
    expect(await peak(60_000)).toBeLessThanOrEqual(2 * shorter);
  });

  test("an aborted signal is heard before anything is computed", async () => {
    const executor = countingExecutor(createWasmExecutor());
    await expect(hypergradient(longLoop(longest), { executor, signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect(executor.runs.size).toBe(0);
  });

  test("many runs at once: a timer has its turn between any two of them", async () => {
    const problem = longLoop(longest),
      controller = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => ++ticks === 5 && controller.abort(), 1);
    const runs = Array.from({ length: 8 }, () => {
      const executor = countingExecutor(createWasmExecutor());
      return {
        executor,
        run: solve(problem, { estimator: "first-order", outer: sgd(1), outerSteps: 1, executor, signal: controller.signal }),
      };
    });
    const results = await Promise.all(runs.map(({ run }) => run.result()));
    clearInterval(timer);
    expect(results.map(({ outcome }) => outcome)).toEqual(runs.map(() => "stopped"));
    // Each is woken once more to hear it: fewer turns than two rounds.
    expect(ticks).toBeLessThan(5 + 2 * runs.length);
    for (const { executor } of runs) expect(executor.runs.get("step") ?? 0).toBeLessThan(longest);
  });

  test("a recording that several wait for goes on when one of them leaves, and is begun anew after the last has", async () => {
    const executor = createWasmExecutor(),
      problem = longLoop(20_000),
      estimator = exact(checkpoint(20)),
      gradient = async (signal?: AbortSignal) => (await hypergradient(problem, { estimator, executor, signal })).gradient.data[0],
      leaving = () => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(new Error("that will do")), 1);
        return controller.signal;
      };
    await Promise.all([1, 2].map(() => expect(gradient(leaving())).rejects.toThrow("that will do")));
    const [left, stayed] = await Promise.allSettled([gradient(leaving()), gradient()]);
    expect(left).toMatchObject({ status: "rejected", reason: { message: "that will do" } });
    // d/dθ of (1 − 10⁻⁶)⁴⁰⁰⁰⁰ θ² at 1.
    expect(stayed).toMatchObject({ status: "fulfilled", value: expect.closeTo(2 * 0.960789439, 3) as number });
    expect(executor.usage().buffers).toBeLessThan(10);
    executor.dispose();
  });
});
