import { describe, expect, test } from "vitest";
import { parseEstimator, parseOuter } from "../../src/index.js";
import { optionGrid } from "../../cli/src/option-values.js";
import { fewShotOptions } from "../../cli/src/problems/few-shot/options.js";
import { presets } from "../../cli/src/problems/few-shot/presets.js";
import type { Preset } from "../../cli/src/problems/preset.js";

const preset = (name: string): Preset => presets.find(one => one.name === name)!;

/** Outer steps for the whole total, where no coin is thrown. */
const steps = ({ total, metaBatch, charge }: Preset, estimator: string): number =>
  Math.round(total / (metaBatch * charge(estimator).always));

describe("presets", () => {
  test.each([
    ["omniglot", 203_636, 1_018_182, 1_120_000],
    ["cifar100", 40_727, 203_636, 224_000],
    ["mini-imagenet", 102_778, 411_111, 462_500],
  ] as const)("%s gives every method the authors' number of outer steps", (name, exact, firstOrder, reptile) => {
    expect([steps(preset(name), "exact"), steps(preset(name), "first-order"), steps(preset(name), "reptile")]).toEqual([
      exact,
      firstOrder,
      reptile,
    ]);
  });

  test.each([
    ["omniglot", [11, 55, 10]],
    ["cifar100", [11, 55, 10]],
    ["mini-imagenet", [9, 36, 8]],
  ] as const)("%s charges a task as its authors do", (name, [firstOrder, exact, reptile]) => {
    const { charge } = preset(name);
    expect(charge("first-order")).toEqual({ always: firstOrder, exact: 0 });
    expect(charge("exact")).toEqual({ always: exact, exact: 0 });
    expect(charge("exact:checkpoint=8")).toEqual({ always: exact, exact: 0 });
    expect(charge("reptile")).toEqual({ always: reptile, exact: 0 });
    for (const estimator of ["ufom:adaptive", "ufom:0.2", "ufom:adaptive:as-released"])
      expect(charge(estimator)).toEqual({ always: firstOrder, exact });
  });

  test("take nine support steps with the query loss as the tenth, and Reptile ten", () => {
    expect(presets.map(({ innerSteps }) => [innerSteps("exact"), innerSteps("reptile")])).toEqual([
      [9, 10],
      [9, 10],
      [7, 8],
    ]);
  });

  test("the released rule reckons with r as its authors count it", () => {
    expect(presets.map(({ estimators }) => estimators.find(one => one.includes("as-released")))).toEqual(
      [10, 10, 8].map(r => `ufom:adaptive:as-released:r=${r}`),
    );
  });

  test.each(presets.map(one => [one.name, one] as const))("%s says what the problem understands", (_, { options, outer, estimators }) => {
    for (const estimator of estimators) {
      const set = Object.entries(options(estimator)).map(([name, value]) => `${name}=${String(value)}`);
      expect(optionGrid("few-shot", fewShotOptions, set).points[0]).toMatchObject(options(estimator));
      expect(outer(estimator)).toMatch(/^sgd:linear:[\d.]+\.\.0@end$/);
    }
  });

  test("name estimators and outer transforms that there are", () => {
    for (const { estimators, outer } of presets)
      for (const estimator of estimators) {
        expect(parseEstimator(estimator).name).toBe(estimator);
        expect(parseOuter(outer(estimator)).name).toBeDefined();
      }
  });

  test("step by a tenth of α on the summed loss, from there to 0; Reptile by what it is, in full", () => {
    const { options, outer } = preset("omniglot");
    expect(Number(options("exact").rate) * 0.1).toBeCloseTo(0.0005, 12);
    expect(outer("exact")).toBe("sgd:linear:0.0005..0@end");
    expect(outer("reptile")).toBe("sgd:linear:1..0@end");
  });
});
