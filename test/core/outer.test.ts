import type { Buffer } from "../../src/index.js";
import { describe, expect, test } from "vitest";
import {
  adam,
  adamw,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  clipByValue,
  momentum,
  perLeaf,
  reduceOnPlateau,
  sgd,
  type Schedule,
} from "../../src/core/outer/index.js";
import { HostOuter } from "../support/host-outer.js";
import { stepCodes, traceOuter } from "../../src/core/outer/outer-programs.js";
import type { Executor } from "../../src/executors/executor.js";
import { createReferenceExecutor } from "../../src/executors/reference/index.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { f32, f64, i32 } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import type { FloatType, HostTree } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { numbersOf as numbers } from "../support/gradients.js";
import { once, updates } from "../support/outer-updates.js";

describe("transforms", () => {
  test.each([
    [() => sgd(-0.1), "sgd wants a non-negative rate; received -0.1."],
    [() => sgd(Infinity), "sgd wants a non-negative rate; received Infinity."],
    [() => sgd("0.1" as never), 'sgd wants a rate that is a number or a schedule; received "0.1".'],
    [() => momentum(0.1, 1), "momentum wants beta in [0, 1); received 1."],
    [() => adam(0.1, { beta1: -0.1 }), "adam wants beta1 in [0, 1); received -0.1."],
    [() => adam(0.1, { beta2: NaN }), "adam wants beta2 in [0, 1); received NaN."],
    [() => adam(0.1, { epsilon: 0 }), "adam wants a positive epsilon; received 0."],
    [() => adamw(0.1, { weightDecay: -1 }), "adamw wants a non-negative weight decay; received -1."],
    [() => addDecayedWeights(NaN), "addDecayedWeights wants a non-negative weight decay; received NaN."],
    [() => clipByValue(0), "clipByValue wants a positive limit; received 0."],
    [() => clipByGlobalNorm(Infinity), "clipByGlobalNorm wants a positive norm; received Infinity."],
    [() => chain(), "chain wants at least one transform; received none."],
    [() => reduceOnPlateau({ factor: 1 }), "reduceOnPlateau wants a factor in (0, 1); received 1."],
    [() => reduceOnPlateau({ patience: 0 }), "reduceOnPlateau wants a whole patience, at least 1; received 0."],
    [() => reduceOnPlateau({ accumulationSize: 1.5 }), "reduceOnPlateau wants a whole accumulationSize, at least 1; received 1.5."],
    [() => reduceOnPlateau({ cooldown: -1 }), "reduceOnPlateau wants a whole cooldown, at least 0; received -1."],
    [() => reduceOnPlateau({ rtol: 2 }), "reduceOnPlateau wants rtol in [0, 1]; received 2."],
    [() => reduceOnPlateau({ minScale: -1 }), "reduceOnPlateau wants a non-negative minScale; received -1."],
    [() => reduceOnPlateau({ rtol: 0 }), "reduceOnPlateau wants a positive rtol or atol; received 0 for both."],
    [() => perLeaf({}), "perLeaf wants at least one pattern; received none."],
    [() => perLeaf({ "net*": sgd(1) }), 'perLeaf wants * for whole parts of a path; received "net*".'],
    [() => perLeaf({ net: 0.1 as never }), 'perLeaf wants an outer transform for "net"; received 0.1.'],
  ])("refuse bad arguments where they are given: %#", (make, sentence) => expect(make).toThrow(`ufom: ${sentence}`));

  test.each([
    [(k: Value) => k.mul(-2).add(1), "-1"],
    [(k: Value) => np.divide(1, k.sub(1)), "Infinity"],
    [() => NaN, "NaN"],
  ] as [Schedule, string][])("a schedule that gives no rate is refused at its step: %#", async (schedule, received) => {
    const sentence = `ufom: the rate of sgd must be a finite number ≥ 0 at step 1; received ${received}.`;
    await expect(once(sgd(schedule), f64([1]))).rejects.toThrow(sentence);
    await expect(once(chain(clipByValue(1), perLeaf({ "*": sgd(schedule) })), { a: f64([0]) })).rejects.toThrow(sentence);
  });

  test("a rate that is out of range later goes unnoticed at no step, and changes nothing", async () => {
    const programs = traceOuter(
        adam(k => np.subtract(3, k)),
        f64([1, 2]),
        "float64",
      ),
      executor = createWasmExecutor(),
      [init, update] = [executor.compile(programs.init), executor.compile(programs.update)];
    let at = [executor.upload(f64([1, 2]))],
      state = init.run(at),
      k = executor.upload({ ...i32([0]), shape: [] }),
      report: Buffer = executor.upload(f64([0, 0, 0, 0]));
    const seen = [];
    // Three steps are fine, the fourth is not; played on, nothing changes any more, though the fifth loss is no number and the last is fine.
    for (let i = 0; i < 6; i++) {
      const loss = executor.upload({ ...f64([i === 4 ? NaN : 1]), shape: [] }),
        out = update.run([...at, ...state, k, report, executor.upload(f64([1, -1])), loss, executor.upload(f64([0, 0, 1]))]);
      report = out[out.length - 1];
      at = out.slice(0, 1);
      state = out.slice(1, -2);
      k = out[out.length - 2];
      seen.push([executor.read(k).data[0], executor.read(out[out.length - 1]).data[2], ...executor.read(at[0]).data]);
    }
    expect(seen.map(([done, code]) => [done, code])).toEqual(
      [1, 2, 3, 3, 3, 3].map((done, i) => [done, i < 3 ? stepCodes.fine : stepCodes.rate]),
    );
    expect(new Set(seen.slice(2).map(String)).size).toBe(2);
    expect(seen[5].slice(2)).toEqual(seen[2].slice(2));
    expect(() => programs.refuseRate(4, 0)).toThrow("ufom: the rate of adam must be a finite number ≥ 0 at step 4; received -1.");
    executor.dispose();
  });

  test("after a step that went wrong none changes anything, though its own numbers are fine; the report stays the first one", () => {
    const programs = traceOuter(sgd(0.1), f64([1, 2]), "float64"),
      executor = createWasmExecutor(),
      update = executor.compile(programs.update);
    let [theta, k, report]: Buffer[] = [
      executor.upload(f64([1, 2])),
      executor.upload({ ...i32([0]), shape: [] }),
      executor.upload(f64([0, 0, 0, 0])),
    ];
    const losses: number[] = [];
    const seen = [7, NaN, 1, 1].map(loss => {
      const inputs = [
        theta,
        k,
        report,
        executor.upload(f64([1, -1])),
        executor.upload({ ...f64([loss]), shape: [] }),
        executor.upload(f64([0, 0, 1])),
      ];
      [theta, k, report] = update.run(inputs);
      losses.push(executor.read(report).data[3]);
      return [executor.read(k).data[0], executor.read(report).data[2], ...executor.read(theta).data];
    });
    // What a row of steps tells of the last one that went well.
    expect(losses).toEqual([7, 7, 7, 7]);
    expect(seen[0]).toEqual([1, stepCodes.fine, 0.9, 2.1]);
    for (const later of seen.slice(1)) expect(later).toEqual([1, stepCodes.loss, 0.9, 2.1]);
    executor.dispose();
  });

  test.each([
    [() => [1] as never, "a list of 1"],
    [(k: Value) => np.stack([k, k]), "float64[2]"],
    [() => undefined as never, "undefined"],
  ] as [Schedule, string][])("a schedule that gives no scalar is refused when it is traced: %#", (schedule, received) => {
    expect(() => traceOuter(momentum(schedule), f32([1]), "float32")).toThrow(
      `ufom: the rate of momentum must be a number or a scalar value; received ${received}.`,
    );
  });

  test("Adam's first update is the rate, whatever the gradient's size", async () => {
    const [a, b, c] = numbers(await once(adam(0.01, { epsilon: 1e-300 }), f64([1e-6, -3, 4e7])));
    for (const x of [-a, b, -c]) expect(x).toBeCloseTo(0.01, 12);
  });

  test("the norm is of all leaves together, and neither overflows nor vanishes", async () => {
    const clipped = async (limit: number, gradient: HostTree, dtype?: FloatType) =>
      numbers(await once(clipByGlobalNorm(limit), gradient, dtype));
    expect(await clipped(1, { a: f64([3]), b: [f64([4])] })).toEqual([0.2 * 3, 0.2 * 4]);
    expect(await clipped(5, { a: f64([3]), b: f64([4]) })).toEqual([3, 4]);
    for (const size of [1e-300, 1e-200, 1e-150, 1, 1e150, 1e200, 1e300]) {
      const [x, y] = await clipped(2.5 * size, f64([3 * size, 4 * size]));
      expect([x / size, y / size], `${size}`).toEqual([expect.closeTo(1.5, 12), expect.closeTo(2, 12)]);
    }
    expect(await clipped(1, f64([0, 0]))).toEqual([0, 0]);
    expect(await clipped(5, f32([3e30, 4e30]), "float32")).toEqual([expect.closeTo(3, 5), expect.closeTo(4, 5)]);
  });

  test("a gradient whose norm is no float64 has finite elements", async () => {
    for (const executor of [createWasmExecutor(), createReferenceExecutor()]) {
      const theta = f64([0, 0, 0]),
        outer = new HostOuter(clipByValue(1), theta, { executor, dtype: "float64" });
      const { code, gradientNorm } = await outer.update(f64([1.5e308, -1.5e308, 1.5e308]), [], theta, 1, 1);
      expect([code, gradientNorm]).toEqual([stepCodes.fine, Infinity]);
    }
  });

  test("reduceOnPlateau by hand", async () => {
    const losses = [5, 4, 4, 4, 3, 3, 3, 3, 3, 3],
      plateau = reduceOnPlateau({ factor: 0.5, patience: 2, cooldown: 1 });
    // 4 is no better twice: half. The loss that is ignored is better all the same; then 3 is no better twice: a quarter; one is ignored.
    expect(
      (
        await updates(
          plateau,
          losses.map(() => f64([1])),
          { losses },
        )
      ).flatMap(numbers),
    ).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]);
  });

  test("reduceOnPlateau wants the absolute improvement too", async () => {
    const falling = [10, 9.5, 9, 8.5, 8],
      scales = async (atol: number) =>
        numbers(
          await updates(
            reduceOnPlateau({ factor: 0.5, patience: 1, atol }),
            falling.map(() => f64([1])),
            { losses: falling },
          ),
        );
    expect(await scales(0.4)).toEqual([1, 1, 1, 1, 1]);
    // 10, then 9 and 8 are better by one; 9.5 and 8.5 are not.
    expect(await scales(0.9)).toEqual([1, 0.5, 0.5, 0.25, 0.25]);
  });

  test("a step has the same bits on every executor", async () => {
    const theta = { a: f32([1, 2, 3]) },
      gradient = { a: f32([0.1, -0.2, 0.3]) };
    const bits = async (executor: Executor) => {
      const outer = new HostOuter(adam(0.1), theta, { executor, dtype: "float32" });
      return numbers((await outer.update(gradient, await outer.init(theta), theta, 1, 1)).theta);
    };
    // Additions, products, quotients and roots are rounded alike by both.
    expect(await bits(createWasmExecutor())).toEqual(await bits(createReferenceExecutor()));
  });
});
