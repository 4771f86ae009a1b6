import { describe, expect, test } from "vitest";
import { addDecayedWeights, adamw, chain, clipByGlobalNorm, perLeaf, sgd, type OuterTransform } from "../../src/core/outer/index.js";
import { traceOuter } from "../../src/core/outer/outer-programs.js";
import { leavesWithPaths, mapTree } from "../../src/core/trees/host-tree.js";
import { f64 } from "../../src/tensor/host.js";
import { createReferenceExecutor } from "../../src/executors/reference/index.js";
import { HostOuter } from "../support/host-outer.js";
import { numbersOf as numbers } from "../support/gradients.js";
import { once } from "../support/outer-updates.js";

describe("perLeaf", () => {
  const theta = {
      net: {
        layers: [
          { w: f64([0, 0]), b: f64([0]) },
          { w: f64([0]), b: f64([0]) },
        ],
      },
      rate: f64([0]),
    },
    ones = mapTree(leaf => ({ ...leaf, data: leaf.data.map(() => 1) }), theta);
  const moved = async (transform: OuterTransform) =>
    Object.fromEntries(leavesWithPaths(await once(transform, ones)).map(([path, { data }]) => [path, -data[0]]));

  test("the first pattern that a path matches has the leaf", async () => {
    expect(await moved(perLeaf({ "net.*.b": sgd(1), "net.layers.0.*": sgd(2), "net.*": sgd(3), "*": sgd(4) }))).toEqual({
      "net.layers.0.w": 2,
      "net.layers.0.b": 1,
      "net.layers.1.w": 3,
      "net.layers.1.b": 1,
      rate: 4,
    });
    expect(await moved(perLeaf({ "*.0.*": sgd(5), "net.*.w": sgd(6), "*.b": sgd(7), "rate.*": sgd(8) }))).toEqual({
      "net.layers.0.w": 5,
      "net.layers.0.b": 5,
      "net.layers.1.w": 6,
      "net.layers.1.b": 7,
      rate: 8,
    });
  });

  test("norms are of a transform's own leaves; θ may be one array; a part may be divided again", async () => {
    const clipped = await moved(perLeaf({ rate: sgd(1), "*": chain(clipByGlobalNorm(1), sgd(1)) }));
    expect(clipped).toMatchObject({ rate: 1, "net.layers.0.w": 1 / Math.sqrt(5) });
    expect(numbers(await once(perLeaf({ "*": sgd(2) }), f64([1])))).toEqual([-2]);
    expect(await moved(perLeaf({ rate: sgd(1), "*": perLeaf({ "*.b": sgd(2), "*": sgd(3) }) }))).toMatchObject({
      "net.layers.1.b": 2,
      "net.layers.1.w": 3,
    });
  });

  test.each([
    [{ "net.*": sgd(1) }, "perLeaf needs a pattern for every leaf of θ (rate); received net.*."],
    [
      { "*": sgd(1), rate: sgd(2) },
      "perLeaf needs a leaf of θ for every pattern (rate, after those before it); received net.layers.0.w, net.layers.0.b, net.layers.1.w, net.layers.1.b, rate.",
    ],
    [
      { "nett.*": sgd(1), "*": sgd(2) },
      /^ufom: perLeaf needs a leaf of θ for every pattern \(nett\.\*, after those before it\); received net\./,
    ],
  ])("refuses what nobody meant: %#", (transforms, sentence) => {
    expect(() => traceOuter(perLeaf(transforms as Record<string, OuterTransform>), theta, "float64")).toThrow(
      typeof sentence === "string" ? `ufom: ${sentence}` : sentence,
    );
  });
});

describe("weight decay of some leaves", () => {
  const theta = { net: [{ w: f64([2]), b: f64([3]) }], scale: f64([5]) },
    none = mapTree(leaf => ({ ...leaf, data: leaf.data.map(() => 0) }), theta);
  const moved = async (transform: OuterTransform) => {
    const outer = new HostOuter(transform, theta, { executor: createReferenceExecutor(), dtype: "float64" }),
      { theta: after } = await outer.update(none, await outer.init(theta), theta, 1, 0);
    return Object.fromEntries(leavesWithPaths(after).map(([path, { data }]) => [path, data[0]]));
  };

  test("addDecayedWeights and adamw decay the leaves that a pattern matches", async () => {
    expect(await moved(chain(addDecayedWeights(0.5, { decayed: ["*.w"] }), sgd(1)))).toEqual({ "net.0.w": 1, "net.0.b": 3, scale: 5 });
    expect(await moved(adamw(1, { weightDecay: 0.5, decayed: ["*.b", "scale"] }))).toEqual({ "net.0.w": 2, "net.0.b": 1.5, scale: 2.5 });
    expect(await moved(adamw(1, { weightDecay: 0.5 }))).toEqual({ "net.0.w": 1, "net.0.b": 1.5, scale: 2.5 });
  });

  test("which they are is a part of the name", () => {
    expect([
      addDecayedWeights(0.5, { decayed: ["*.w", "*.k"] }).name,
      adamw(1, { decayed: ["*.w"] }).name,
      addDecayedWeights(0.5).name,
    ]).toEqual(["addDecayedWeights(0.5 on *.w *.k)", "adamw(1, 0.0001 on *.w)", "addDecayedWeights(0.5)"]);
  });

  test.each([
    [
      { decayed: ["*.x"] },
      "ufom: addDecayedWeights needs a leaf of θ for every pattern of decayed (*.x); received net.0.w, net.0.b, scale.",
    ],
    [{ decayed: ["w*"] }, 'ufom: addDecayedWeights wants * for whole parts of a path; received "w*".'],
    [{ decayed: "*.w" as never }, 'ufom: addDecayedWeights wants a list of patterns of leaves that decay; received "*.w".'],
    [{ mask: ["*.w"] } as never, "ufom: addDecayedWeights takes the options decayed; received mask."],
  ])("refuses what nobody meant: %#", async (options, sentence) => {
    await expect((async () => moved(addDecayedWeights(0.5, options)))()).rejects.toThrow(sentence);
  });
});
