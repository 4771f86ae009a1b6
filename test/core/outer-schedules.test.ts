import { describe, expect, test } from "vitest";
import {
  constant,
  cosine,
  exponentialDecay,
  joinSchedules,
  linear,
  parseRate,
  piecewiseConstant,
  powerDecay,
  sgd,
  warmupCosine,
  type Schedule,
} from "../../src/core/outer/index.js";
import { HostOuter } from "../support/host-outer.js";
import { traceOuter } from "../../src/core/outer/outer-programs.js";
import { scheduleValues } from "../../src/core/outer/schedule-values.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import * as optimizers from "../../src/core/optimizers/index.js";
import { f32 } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import { numbersOf as numbers } from "../support/gradients.js";
import { at } from "../support/outer-updates.js";

describe("schedules", () => {
  test("constant", () => expect(at(constant(0.3), 1, 2, 1000)).toEqual([0.3, 0.3, 0.3]));

  test("powerDecay is γ·k^−p", () => {
    expect(at(powerDecay(10, 1), 1, 2, 10)).toEqual([10, 5, 1]);
    expect(at(powerDecay(3, 0.5), 1, 4, 100)).toEqual([3, 1.5, 0.3]);
    expect(at(powerDecay(18, 2), 1, 2, 3)).toEqual([18, 4.5, 2]);
    expect(at(powerDecay(2, 0), 1, 7)).toEqual([2, 2]);
    const ks = Array.from({ length: 400 }, (_, i) => 1 + i * i);
    for (const [i, x] of at(powerDecay(1, 0.75), ...ks).entries()) expect(Math.abs(x * ks[i] ** 0.75 - 1)).toBeLessThan(1e-14);
  });

  test("linear starts at the first rate and stays at the second", () => {
    expect(at(linear(1, 0, 4), 1, 2, 3, 4, 5, 6, 1000)).toEqual([1, 0.75, 0.5, 0.25, 0, 0, 0]);
    expect(at(linear(0, 2, 1), 1, 2, 3)).toEqual([0, 2, 2]);
  });

  test("cosine is half a period, and keeps its digits towards its end", () => {
    const [first, second, third] = at(cosine(3, 1, 4), 1, 2, 3);
    expect(first).toBe(3);
    expect(second).toBeCloseTo(2 + Math.SQRT1_2, 14);
    expect(third).toBeCloseTo(2, 15);
    expect(at(cosine(3, 1, 4), 5, 6, 99)).toEqual([1, 1, 1]);
    const n = 10_000,
      rates = scheduleValues(
        "a test",
        cosine(1, 0, n),
        Array.from({ length: n }, (_, i) => i + 1),
      );
    // (1 + cos πt)/2 = sin²(π(1 − t)/2); t is rounded, which is 1e-12 of the last rate.
    for (const [i, x] of rates.entries()) expect(Math.abs(x / Math.sin((Math.PI * (n - i)) / (2 * n)) ** 2 - 1)).toBeLessThan(2e-12);
    expect(rates.every((x, i) => i === 0 || x < rates[i - 1])).toBe(true);
  });

  test("joined schedules each count from 1, up to and with their boundary", () => {
    const joined = joinSchedules([linear(0, 1, 4), 0.25, powerDecay(6, 1)], [4, 6]);
    expect(at(joined, 1, 2, 3, 4, 5, 6, 7, 8, 9)).toEqual([0, 0.25, 0.5, 0.75, 0.25, 0.25, 6, 3, 2]);
    expect(joined.name).toBe("linear:0..1@4~0.25@2~6/k");
    expect(at(joinSchedules([constant(0.5)], []), 1, 9)).toEqual([0.5, 0.5]);
    // What a part would give at steps that are not its own does not matter.
    expect(at(joinSchedules([0.5, k => np.divide(1, k.mul(k.greater(0)))], [3]), 1, 3, 4, 5)).toEqual([0.5, 0.5, 1, 0.5]);
  });

  test("exponentialDecay is γ·q^((k − 1)/n)", () => {
    const ks = [1, 2, 3, 7, 8, 9, 50, 100, 101, 150, 201, 400];
    for (const [q, n] of [
      [0.5, 100],
      [0.97, 1],
      [1.01, 7],
    ])
      for (const [i, x] of at(exponentialDecay(0.3, q, n), ...ks).entries())
        expect(Math.abs(x / (0.3 * q ** ((ks[i] - 1) / n)) - 1)).toBeLessThan(1e-14);
    expect(at(exponentialDecay(8, 0.5), 1, 2, 4)).toEqual([8, 4, 1].map(x => expect.closeTo(x, 14) as number));
  });

  test("warmupCosine is a line up to its peak and half a cosine down", () => {
    const rates = at(warmupCosine(2, 4, 8, { to: 1 }), 1, 2, 3, 4, 5, 6, 7, 8, 9, 100);
    expect(rates.slice(0, 5)).toEqual([0, 0.5, 1, 1.5, 2]);
    [1.5 + Math.SQRT1_2 / 2, 1.5, 1.5 - Math.SQRT1_2 / 2].forEach((x, i) => expect(rates[5 + i]).toBeCloseTo(x, 14));
    expect(rates.slice(8)).toEqual([1, 1]);
    expect(at(warmupCosine(2, 4, 8, { from: 1 }), 1, 3, 9)).toEqual([1, 1.5, 0]);
  });

  test("piecewiseConstant has each rate up to and with its boundary", () => {
    expect(at(piecewiseConstant([0.1, 0.01, 0.001], [2, 5]), 1, 2, 3, 5, 6, 99)).toEqual([0.1, 0.1, 0.01, 0.01, 0.001, 0.001]);
  });

  test("what the command line spells is the same schedule", () => {
    const rest = joinSchedules([exponentialDecay(0.1, 0.5, 10), 0.01], [30]);
    for (const schedule of [
      exponentialDecay(0.1, 0.5, 100),
      exponentialDecay(1, 2),
      warmupCosine(0.1, 3, 9),
      piecewiseConstant([1, 0.5], [4]),
      rest,
    ]) {
      const spelled = parseRate(schedule.name) as Schedule;
      expect(at(spelled, 1, 2, 3, 4, 5, 9, 31, 300)).toEqual(at(schedule, 1, 2, 3, 4, 5, 9, 31, 300));
      expect(spelled.name).toBe(schedule.name);
    }
  });

  test("until the end they follow the share of the run that is done", () => {
    const ks = [1, 2, 3, 4, 5, 9],
      shares = [0, 0.125, 0.25, 0.5, 0.75, 1],
      rates = (schedule: Schedule) => scheduleValues("a test", schedule, ks, shares);
    expect(rates(linear(1, 0, "end"))).toEqual(shares.map(s => 1 - s));
    expect(rates(linear(0, 2, "end"))).toEqual(shares.map(s => 2 * s));
    for (const [i, rate] of rates(cosine(3, 1, "end")).entries())
      expect(rate).toBeCloseTo(1 + 2 * ((1 + Math.cos(Math.PI * shares[i])) / 2), 14);
    for (const [i, rate] of rates(exponentialDecay(0.3, 0.01, "end")).entries()) expect(rate).toBeCloseTo(0.3 * 0.01 ** shares[i], 14);
    // A part of a joined schedule counts its own steps, and the share of the whole run.
    expect(rates(joinSchedules([0.5, linear(1, 0, "end")], [2]))).toEqual([0.5, 0.5, 0.75, 0.5, 0.25, 0]);
    expect(rates((k, share) => share.mul(k))).toEqual(shares.map((s, i) => s * ks[i]));
  });

  test("a line to the end of 7 steps is the line over 7 steps, bit for bit", () => {
    const ks = [1, 2, 3, 4, 5, 6, 7],
      shares = ks.map(k => (k - 1) / 7);
    for (const make of [linear, cosine])
      expect(scheduleValues("a test", make(0.1, 0.003, "end"), ks, shares)).toEqual(scheduleValues("a test", make(0.1, 0.003, 7), ks));
  });

  test("those that end with the run are spelled with @end", () => {
    for (const [text, schedule] of [
      ["linear:0.1..0@end", linear(0.1, 0, "end")],
      ["cosine:0.1..0.01@end", cosine(0.1, 0.01, "end")],
      ["exponential:0.1*0.01@end", exponentialDecay(0.1, 0.01, "end")],
      ["linear:0..0.1@3~cosine:0.1..0@end", joinSchedules([linear(0, 0.1, 3), cosine(0.1, 0, "end")], [3])],
    ] as const) {
      const spelled = parseRate(text) as Schedule,
        rates = (one: Schedule) => scheduleValues("a test", one, [1, 2, 3, 4, 5], [0, 0.2, 0.4, 0.6, 0.8]);
      expect(spelled.name).toBe(text);
      expect(schedule.name).toBe(text);
      expect(rates(spelled)).toEqual(rates(schedule));
    }
  });

  test.each([
    [() => parseRate("linear:0.1..0@ende"), /^ufom: a rate is spelled like one of .*linear:0\.1\.\.0@end/],
    [() => parseRate("linear:end..0@end"), /^ufom: a rate is spelled like one of /],
    [() => linear(1, 0, "End" as never), "ufom: linear wants a whole number of steps, at least 1; received End."],
    [
      () => optimizers.sgd({ rate: linear(0.1, 0, "end") as never }).update(np.zeros([]), [], np.zeros([]), np.ones([], "int32")),
      'ufom: linear until "end" is a rate of outer transforms, whose run has an end; received a loop of inner steps.',
    ],
    [() => exponentialDecay(-1, 0.5), "ufom: exponentialDecay wants a non-negative rate; received -1."],
    [() => exponentialDecay(1, 0), "ufom: exponentialDecay wants a positive factor; received 0."],
    [() => exponentialDecay(1, 0.5, 0.5), "ufom: exponentialDecay wants a whole number of steps, at least 1; received 0.5."],
    [() => warmupCosine(1, 5, 5), "ufom: warmupCosine wants more steps than the 5 of its warm-up; received 5."],
    [() => warmupCosine(1, 0, 5), "ufom: warmupCosine wants a whole number of steps, at least 1; received 0."],
    [() => warmupCosine(1, 1, 5, { end: 0 } as never), "ufom: warmupCosine takes the options from, to; received end."],
    [() => parseRate("exponential:0.1*x@3"), /^ufom: a rate is spelled like one of /],
  ])("refuses what is none: %#", (make, sentence) => {
    expect(make).toThrow(sentence);
  });

  test("a schedule of one's own is computed in float64 in a float32 run, from every step count", async () => {
    const dtypes: string[] = [];
    const own: Schedule = k => {
      const rate = np.where(k.less(3), 0.1, 0.2);
      dtypes.push(k.dtype, rate.dtype, np.zeros([]).dtype);
      return rate;
    };
    traceOuter(sgd(own), f32([1]), "float32");
    expect(new Set(dtypes)).toEqual(new Set(["float64"]));
    // 2²⁴ + 1 is no float32.
    const outer = new HostOuter(
      sgd(k => k.sub(2 ** 24)),
      f32([0]),
      { executor: createWasmExecutor(), dtype: "float32" },
    );
    const { theta } = await outer.update(f32([1]), [], f32([0]), 2 ** 24 + 1, 1);
    expect(numbers(theta)).toEqual([-1]);
  });

  test.each([
    [() => constant(-1), "constant wants a non-negative rate; received -1."],
    [() => powerDecay(NaN, 1), "powerDecay wants a non-negative rate; received NaN."],
    [() => powerDecay(1, -0.5), "powerDecay wants a non-negative power; received -0.5."],
    [() => linear(1, -1, 10), "linear wants a non-negative rate; received -1."],
    [() => linear(1, 0, 0), "linear wants a whole number of steps, at least 1; received 0."],
    [() => cosine(1, 0, 2.5), "cosine wants a whole number of steps, at least 1; received 2.5."],
    [() => joinSchedules([], []), "joinSchedules wants at least one schedule; received none."],
    [() => joinSchedules([1, 2], []), "joinSchedules wants a boundary between each two of its 2 schedules; received 0."],
    [() => joinSchedules([1, 2, 3], [5, 5]), "joinSchedules wants whole boundaries in ascending order, at least 1; received [5, 5]."],
    [() => joinSchedules([1, 2], [0]), "joinSchedules wants whole boundaries in ascending order, at least 1; received [0]."],
    [() => joinSchedules([1, -2], [3]), "joinSchedules wants a non-negative rate; received -2."],
  ])("refuses bad arguments: %#", (make, sentence) => expect(make).toThrow(`ufom: ${sentence}`));
});
