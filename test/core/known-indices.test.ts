import { describe, expect, it, test } from "vitest";
import { chooseExecutor } from "../../src/executors/choose.js";
import { defineProblem, f32, hypergradient, i32, nn, np, sgd, solve, vmap, zeros, type HostArray, type Value } from "../../src/index.js";
import { refusal, float, type } from "../tensor/evaluate.js";

describe("known positions and labels are checked where they are used", () => {
  const labels = (...y: number[]) => np.array(i32(y));

  test.each<[string, (x: Value) => unknown, string]>([
    [
      "take",
      x => np.take(x, labels(0, 3), 0),
      "take takes positions from 0 to 2, as the axis has 3 elements (negative ones do not count from its end); received 3 at [1].",
    ],
    [
      "a number",
      x => np.take(x, -1, 1),
      "take takes positions from 0 to 3, as the axis has 4 elements (negative ones do not count from its end); received -1.",
    ],
    [
      "the flattened array",
      x => np.take(x, np.arange(13)),
      "take takes positions from 0 to 11, as the axis has 12 elements (negative ones do not count from its end); received 12 at [12].",
    ],
    [
      "takeAlongAxis",
      x => np.takeAlongAxis(x, labels(4, 0, 0).reshape([3, 1]), 1),
      "takeAlongAxis takes positions from 0 to 3, as the axis has 4 elements (negative ones do not count from its end); received 4 at [0, 0].",
    ],
    [
      "scatterAdd",
      x => np.scatterAdd(x, labels(5), 1),
      "scatterAdd takes positions from 0 to 2, as the axis has 3 elements (negative ones do not count from its end); received 5 at [0].",
    ],
    [
      "oneHot",
      () => nn.oneHot(labels(1, 2), 2),
      "oneHot takes labels from 0 to 1, as there are 2 classes (an example that shall not count: np.where a label, times 0 the loss); received 2 at [1].",
    ],
    [
      "crossEntropy",
      x => nn.crossEntropy(x, labels(1, -100, 2)),
      "crossEntropy takes labels from 0 to 3, as there are 4 classes (an example that shall not count: np.where a label, times 0 the loss); received -100 at [1].",
    ],
    [
      "a part of a constant, moved",
      x => nn.crossEntropy(x, labels(9, 0, 1, 7, 0, 0).reshape([2, 3]).slice(1).sub(1)),
      "crossEntropy takes labels from 0 to 3, as there are 4 classes (an example that shall not count: np.where a label, times 0 the loss); received 6 at [0].",
    ],
  ])("%s", (_, f, sentence) => {
    expect(refusal(f as never, float(3, 4))).toBe(`ufom: ${sentence}`);
  });

  it("but not the parts of a constant that are not used, nor what is computed", () => {
    expect(() =>
      refusal(
        (x: Value, i: Value) => [nn.crossEntropy(x, labels(9, 0, 1, 3).slice([1, 4])), np.take(x, i.add(100), 0)],
        float(3, 4),
        type("int32", 2),
      ),
    ).toThrow("nothing was refused");
  });
});

type Data = { x: HostArray; y: HostArray };

/** A classifier of three classes; how its labels get into the loss is a choice. */
const classifier = (y: HostArray, losses = (logits: Value, labels: Value) => nn.crossEntropy(logits, labels).mean()) =>
  defineProblem({
    theta: () => zeros(2, 3),
    task: (): Data => ({ x: f32([1, 2, 3, 4, 5, 6, 7, 8], 4, 2), y }),
    init: theta => theta,
    inner: { loss: (_, phi, task) => losses(np.matmul(task.x, phi), task.y), rate: 0.1, steps: 2 },
    outer: (_, phi) => np.square(phi).sum(),
  });
const of = (loss: string) =>
  `${loss} takes labels from 0 to 2, as there are 3 classes (an example that shall not count: np.where a label, times 0 the loss)`;

describe("labels and positions that a task holds are checked when it is placed", () => {
  test.each(["wasm", "reference"] as const)("in hypergradient and solve, on %s", async name => {
    const { executor } = chooseExecutor(name);
    const bad = classifier(i32([0, 1, 3, 2]));
    await expect(hypergradient(bad, { executor })).rejects.toThrow(`ufom: ${of("crossEntropy")}; received 3 at task.y[2].`);
    await expect(solve(bad, { estimator: "exact", outer: sgd(0.1), outerSteps: 2, executor }).result()).rejects.toThrow(
      "received 3 at task.y[2]",
    );
    await expect(hypergradient(classifier(i32([0, 1, 2, 2])), { executor })).resolves.toMatchObject({ notes: [] });
    executor.dispose();
  });

  it("also a later task, and one that is given", async () => {
    const problem = classifier(i32([0, 1, 2, 2]));
    const task = { x: f32([1, 2, 3, 4, 5, 6, 7, 8], 4, 2), y: i32([0, 1, 2, -1]) };
    await hypergradient(problem);
    await expect(hypergradient(problem, { task })).rejects.toThrow("received -1 at task.y[3]");
    await expect(hypergradient(problem)).resolves.toMatchObject({ notes: [] });
  });

  test.each<[string, HostArray, (logits: Value, labels: Value) => Value]>([
    ["through shapes", i32([0, 1, 3, 2], 2, 2), (z, y) => nn.crossEntropy(z, y.T.flatten()).mean()],
    ["through oneHot and a conversion", f32([0, 1, 3.7, 2]), (z, y) => nn.crossEntropy(z, nn.oneHot(y.astype(np.int32), 3)).mean()],
    ["as rows of a minibatch", i32([0, 1, 2, 3]), (z, y) => nn.crossEntropy(z, np.take(y, np.arange(4), 0)).mean()],
    ["under vmap", i32([0, 1, 3, 2]), (z, y) => vmap((a: Value, b: Value) => nn.crossEntropy(a, b))(z, y).mean()],
    ["as positions under vmap", i32([0, 1, 3, 2]), (z, y) => vmap((a: Value, b: Value) => np.take(a, b, 0))(z, y).mean()],
    ["as positions line by line", i32([0, 1, 3, 2]), (z, y) => np.takeAlongAxis(z, y.reshape([4, 1]), 1).mean()],
    ["as places of a sum", i32([0, 1, 3, 2]), (z, y) => np.scatterAdd(np.zeros([3]), y, z.sum(1)).sum()],
  ])("%s", async (_, y, losses) => {
    await expect(hypergradient(classifier(y, losses))).rejects.toThrow(
      /takes (labels|positions) from 0 to 2, .*; received 3(\.7\d*)? at task\.y\[/,
    );
  });

  it("says where a label stands in the task, also where only a part is used; what is not used is not looked at", async () => {
    const part = (z: Value, y: Value) => nn.crossEntropy(z, y.slice(1, [null, null, 2])).mean();
    await expect(hypergradient(classifier(i32([9, 9, 9, 9, 9, 9, 9, 9, 0, 9, 1, 9, 7, 9, 2, 9], 2, 8), part))).rejects.toThrow(
      "received 7 at task.y[1, 4]",
    );
    await expect(hypergradient(classifier(i32([9, 9, 9, 9, 9, 9, 9, 9, 0, 9, 1, 9, 1, 9, 2, 9], 2, 8), part))).resolves.toMatchObject({
      notes: [],
    });
  });

  it("a mask leaves examples out, in place of an index to ignore", async () => {
    const masked = (z: Value, y: Value) => {
      const counts = y.greaterEqual(0);
      return np
        .where(counts, nn.crossEntropy(z, np.where(counts, y, 0)), 0)
        .sum()
        .div(counts.sum());
    };
    const [ignored, without] = [
      await hypergradient(classifier(i32([0, 1, -100, -100]), masked)),
      await hypergradient(classifier(i32([0, 1, 2, 2]), (z, y) => nn.crossEntropy(z.slice([0, 2]), y.slice([0, 2])).mean())),
    ];
    expect(ignored.loss).toBeCloseTo(without.loss, 6);
  });
});

describe("inner steps that take more rows than there are", () => {
  const minibatches = (rows: (step: Value) => Value, steps: number) =>
    defineProblem({
      theta: () => zeros(2),
      task: () => ({ x: f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 6, 2) }),
      init: theta => theta,
      inner: { loss: (_, phi, task, step) => np.square(np.take(task.x, rows(step), 0).sub(phi)).mean(), rate: 0.1, steps },
      outer: (_, phi) => np.square(phi).sum(),
    });
  const consecutive = (step: Value) => step.mul(2).add(np.arange(2));
  const sentence =
    "np.take takes position 7 of an axis of 6 elements in inner step 4 of 5: positions outside are clamped, so that all later ones take the last element again (fewer inner steps, more elements, or positions modulo 6).";

  it("are told once, in the results", async () => {
    const problem = minibatches(consecutive, 5);
    expect((await hypergradient(problem)).notes).toEqual([sentence]);
    expect((await hypergradient(problem, { innerSteps: 3 })).notes).toEqual([]);
    const { notes } = await solve(problem, { estimator: "first-order", outer: sgd(0.1), outerSteps: 3, metaBatch: 2 }).result();
    expect(notes).toEqual([sentence]);
  });

  it("are found where step sizes are learned, and where step numbers are millions", async () => {
    const rates = defineProblem({
      theta: () => zeros(3),
      task: () => f32([1]),
      init: () => np.zeros([1]),
      inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: (theta, step) => np.exp(np.take(theta, step)), steps: 4 },
      outer: (_, phi) => np.square(phi).sum(),
    });
    expect((await hypergradient(rates)).notes).toEqual([
      expect.stringContaining("position 3 of an axis of 3 elements in inner step 4 of 4"),
    ]);
    const { notesOnSteps } = await import("../../src/core/problem/index-checks.js");
    const use = { bound: { who: "take", what: "positions", extent: 2_500_000 }, input: 0 } as const;
    expect(notesOnSteps([use], 0, 3_000_000)).toEqual([expect.stringContaining("in inner step 2500001 of 3000000")]);
    expect(notesOnSteps([use], 0, 2_500_000)).toEqual([]);
  });

  it("are not told of rows that begin again", async () => {
    const again = (step: Value) => {
      const i = consecutive(step);
      return i.sub(np.floor(i.div(6)).astype(np.int32).mul(6));
    };
    expect((await hypergradient(minibatches(again, 5))).notes).toEqual([]);
  });
});
