import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hypergradient, parseOuter, solve } from "../../src/index.js";
import { load, type ExampleName } from "./modules.js";

/** Some outer steps as the example takes them, and its figures afterwards. */
async function after(name: ExampleName, outerSteps: number) {
  const { default: problem, defaults, evaluate } = await load(name);
  const task = await problem.task(7, 1, 0);
  const lossAt = async (theta?: Awaited<ReturnType<typeof problem.theta>>) =>
    (await hypergradient(problem, { theta, task, estimator: "truncated:0" })).loss;
  const { theta, outcome } = await solve(problem, { ...defaults, outer: parseOuter(defaults.outer), outerSteps, seed: 1 }).result();
  expect(outcome).toBe("finished");
  expect(await lossAt(theta), "the outer loss of a task").toBeLessThan(await lossAt());
  return evaluate(theta);
}

describe("after some outer steps", () => {
  test("1-hyper-cleaning finds wrong labels", async () => {
    const { accuracyNone, accuracyCleaned, accuracyOracle, precision, recall } = await after("1-hyper-cleaning", 10);
    expect(accuracyCleaned).toBeGreaterThan(accuracyNone + 0.1);
    expect(accuracyOracle).toBeGreaterThan(accuracyNone + 0.1);
    expect(precision).toBeGreaterThan(0.8);
    expect(recall).toBeGreaterThan(0.8);
  });

  test("2-maml-sinusoid fits new waves from where it learned to start", async () => {
    const { before, after: adapted, randomAfter } = await after("2-maml-sinusoid", 1500);
    expect(adapted).toBeLessThan(0.7 * before);
    expect(adapted).toBeLessThan(0.7 * randomAfter);
  });

  test("3-ridge-penalties beats every single penalty, with the gradient of the closed form", async () => {
    const { errorLearned, errorBestSingle, errorOfLaw, gradientDistance, penaltyOfUseful, penaltyOfUseless } = await after(
      "3-ridge-penalties",
      200,
    );
    // These are all of its steps, and docs/examples.md has the figures.
    const row = readFileSync(fileURLToPath(new URL("../../docs/examples.md", import.meta.url)), "utf8").match(
      /^.*3-ridge-penalties\.ts\).*$/m,
    )?.[0];
    expect(row).toContain(
      `error on new points ${errorLearned.toFixed(2)}; ${errorBestSingle.toFixed(2)} with the best single penalty of many, ${errorOfLaw.toFixed(2)} with the true law; the gradient differs from the closed form's by ${(100 * gradientDistance).toFixed(2)} %`,
    );
    expect(errorLearned).toBeLessThan(0.7 * errorBestSingle);
    expect(errorLearned).toBeGreaterThan(0.97 * errorOfLaw);
    expect(gradientDistance).toBeLessThan(2e-3);
    expect(penaltyOfUseful).toBeLessThan(0.1 * penaltyOfUseless);
  });

  test("4-learned-step-sizes beats every constant step size", async () => {
    const { lossLearned, lossBestConstant } = await after("4-learned-step-sizes", 60);
    expect(lossLearned).toBeLessThan(0.95 * lossBestConstant);
  });

  test("5-few-shot tells characters apart that it never saw", async () => {
    const { accuracy, accuracyRandomStart } = await after("5-few-shot", 60);
    expect(accuracy).toBeGreaterThan(accuracyRandomStart + 0.1);
    expect(accuracy).toBeGreaterThan(0.4);
  });

  test("6-inner-adam learns weights and a step size", async () => {
    const { lossLearned, lossEqualWeights, rate } = await after("6-inner-adam", 20);
    expect(lossLearned).toBeLessThan(0.8 * lossEqualWeights);
    expect(rate).toBeGreaterThan(2e-3);
  });
});
