import { describe, expect, test } from "vitest";
import { mapTree, zipTrees } from "../../src/core/trees/host-tree.js";
import type { HostTree } from "../../src/index.js";
import { hypergradient, stream } from "../../src/index.js";
import { numbersOf } from "../support/gradients.js";
import { exampleNames, load } from "./modules.js";

const random = stream(1, "directions");
const normalLike = (tree: HostTree, scale: number): HostTree =>
  mapTree(({ shape }) => ({ shape, dtype: "float64", data: Float64Array.from(random.normal([...shape]).data, v => scale * v) }), tree);
const along = (tree: HostTree, direction: HostTree, h: number): HostTree =>
  zipTrees(
    "a point",
    ([{ shape, data }, d]) => ({ shape, dtype: "float64", data: Float64Array.from(data, (v, i) => v + h * d.data[i]) }),
    tree,
    direction,
  );

describe("hypergradients of the examples equal central differences in float64", () => {
  // Larger steps cross kinks of relu, where the loss jumps: an inner step's gradient does.
  test.each(exampleNames)("%s", async name => {
    const { default: problem } = await load(name);
    const at = { dtype: "float64", innerSteps: 3, task: await problem.task(5, 1, 0) } as const;
    const start = mapTree(({ shape, data }) => ({ shape, dtype: "float64", data: Float64Array.from(data) }), problem.theta(5)),
      theta = along(start, normalLike(start, 0.1), 1);
    const gradient = numbersOf((await hypergradient(problem, { ...at, theta })).gradient);
    const loss = async (t: HostTree) => (await hypergradient(problem, { ...at, theta: t, estimator: "truncated:0" })).loss;
    for (let k = 0; k < 3; k++) {
      const direction = normalLike(start, 1),
        h = 1e-7,
        difference = ((await loss(along(theta, direction, h))) - (await loss(along(theta, direction, -h)))) / (2 * h),
        d = numbersOf(direction);
      const derivative = gradient.reduce((sum, g, i) => sum + g * d[i], 0);
      expect(Math.abs(derivative - difference)).toBeLessThan(1e-6 * Math.abs(difference) + 1e-8);
    }
  });
});
