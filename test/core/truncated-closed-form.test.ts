// The truncated gradient where it can be written down: a parabola descended from 0 (θ is its bottom) or from θ (the start).
import { describe, expect, test } from "vitest";
import { defineProblem, f64, hypergradient, np, truncated } from "../../src/index.js";

const [curvature, rate, steps, theta, target] = [0.8, 0.5, 6, 1.7, 0.4],
  kept = 1 - rate * curvature;
const scalar = (x: number) => ({ ...f64([x]), shape: [] });
const parabola = (bottom: "θ" | "0") =>
  defineProblem({
    theta: () => scalar(theta),
    task: () => scalar(target),
    init: th => (bottom === "θ" ? th.mul(0) : th),
    inner: {
      loss: (th, phi) => np.square(bottom === "θ" ? phi.sub(th) : phi).mul(curvature / 2),
      rate,
      steps,
    },
    outer: (_, phi, t) => np.square(phi.sub(t)).div(2),
  });
const at = async (bottom: "θ" | "0", depth: number) =>
  (await hypergradient(parabola(bottom), { estimator: truncated(depth), dtype: "float64" })).gradient.data[0];

describe("truncated(K), r = 6", () => {
  test.each([1, 2, 3, 5, 6, 7, 20])("K = %i, θ in the steps: the last K terms of the sum", async depth => {
    const end = theta * (1 - kept ** steps),
      expected = (end - target) * (1 - kept ** Math.min(depth, steps));
    expect(Math.abs((await at("θ", depth)) - expected)).toBeLessThan(1e-15);
  });

  test.each([0, 1, 2, 3, 5, 6, 7, 20])("K = %i, θ at the start: the product over the last K steps", async depth => {
    const end = theta * kept ** steps,
      expected = (end - target) * kept ** Math.min(depth, steps);
    expect(Math.abs((await at("0", depth)) - expected)).toBeLessThan(1e-15);
  });
});
