import { describe, expect, test } from "vitest";
import { adapt, createWasmExecutor, hypergradient, solve } from "../../src/index.js";
import type { HostArray, HostTree } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";
import { leaves, leavesWithPaths } from "../../src/core/trees/host-tree.js";
import { buildFewShot } from "../../cli/src/problems/few-shot/build.js";
import type { FewShotOptions } from "../../cli/src/problems/few-shot/options.js";
import { fewShotProblem, type Learner, type Theta } from "../../cli/src/problems/few-shot/problem.js";
import { drawTask, type Task } from "../../cli/src/problems/few-shot/tasks.js";
import { optionsWith, patterns, splitOf } from "./few-shot-classes.js";

const executor = createWasmExecutor(),
  classes = patterns(12, { side: 6, images: 8 }),
  small: Learner = {
    model: "mlp",
    layout: { channels: 1, height: 6, width: 6, ways: 3, filters: 5 },
    adapts: "all",
    loss: "sum",
    rate: 0.1,
    optimizer: "sgd",
    beta1: 0,
    learnRates: "none",
    proximal: 0,
    steps: 3,
    sweptClip: 0,
  };
const sizes = { ways: 3, shots: 2, queries: 2, batch: 0, steps: 3 };
const task = (changed: Partial<typeof sizes> = {}): Task => drawTask(stream(1, "task"), classes, { ...sizes, ...changed });
const problemOf = (changed: Partial<Learner>, given: Task = task()) => fewShotProblem({ ...small, ...changed }, 3, () => given);

/** The exact hypergradient along a random direction, and the slope of the outer loss by central differences there, in float64. */
async function slopes(
  changed: Partial<Learner>,
  given: Task = task(),
  estimator = "exact",
): Promise<readonly [found: number, differences: number]> {
  const problem = problemOf(changed, given),
    at = { task: given as unknown as HostTree, dtype: "float64" as const, executor },
    random = stream(9, "direction"),
    // Not at θ₀, where biases are zero.
    base = map(problem.theta(1), a => Float64Array.from(a.data, x => x + 0.2 * (random.next() - 0.5))),
    along = leaves(base).map(({ data }) => Float64Array.from(data, () => random.next() - 0.5)),
    h = 1e-6;
  const loss = async (t: number) => {
    let i = 0;
    const theta = map(base, a => {
      const d = along[i++];
      return Float64Array.from(a.data, (x, k) => x + t * d[k]);
    });
    return (await adapt(problem, { theta, ...at, losses: false })).outer;
  };
  const { gradient } = await hypergradient(problem, { theta: base, ...at, estimator });
  const found = leaves(gradient).reduce((sum, { data }, i) => sum + along[i].reduce((s, d, k) => s + d * data[k], 0), 0);
  return [found, ((await loss(h)) - (await loss(-h))) / (2 * h)];
}

/** A tree with other numbers, float64. */
function map(tree: HostTree, f: (a: HostArray) => Float64Array): HostTree {
  if (ArrayBuffer.isView((tree as HostArray).data))
    return { shape: (tree as HostArray).shape, dtype: "float64", data: f(tree as HostArray) };
  return Array.isArray(tree)
    ? tree.map(t => map(t as HostTree, f))
    : Object.fromEntries(Object.entries(tree).map(([k, t]) => [k, map(t as HostTree, f)]));
}

describe("the exact hypergradient is the slope of the outer loss", () => {
  test.each<[string, Partial<Learner>, Partial<typeof sizes>?]>([
    ["as it is by default", {}],
    ["conv4", { model: "conv4", layout: { ...small.layout, height: 16, width: 16, filters: 4 }, rate: 0.01 }],
    ["mean losses", { loss: "mean" }],
    ["a head alone", { adapts: "head" }],
    ["a body alone", { adapts: "body" }],
    ["a pull towards θ", { proximal: 0.7 }],
    ["a pull of a head alone", { proximal: 0.7, adapts: "head" }],
    ["adam", { optimizer: "adam", rate: 0.01, beta1: 0.9 }],
    ["one learned rate an array", { learnRates: "array" }],
    ["one an array and step", { learnRates: "step" }],
    ["learned rates of a head alone", { learnRates: "step", adapts: "head" }],
    ["learned rates of adam", { learnRates: "step", optimizer: "adam", rate: 0.01, beta1: 0.5 }],
    ["minibatches", {}, { shots: 4, batch: 3 }],
    ["linear", { model: "linear" }],
  ])("with %s", async (_, changed, tasks = {}) => {
    const side = changed.model === "conv4" ? 16 : 6,
      given = drawTask(stream(1, "task"), patterns(12, { side, images: 8 }), { ...sizes, ...tasks }),
      [found, differences] = await slopes(changed, given);
    expect(Math.abs(found - differences)).toBeLessThan(1e-5 * Math.max(1, Math.abs(differences)));
    expect(Math.abs(differences)).toBeGreaterThan(1e-3);
  });
});

/** φ after some steps, at θ₀, in float64. */
async function learned(changed: Partial<Learner>, given: Task = task(), innerSteps = 3): Promise<Map<string, HostArray>> {
  const { phi } = await adapt(problemOf(changed, given), {
    task: given as unknown as HostTree,
    innerSteps,
    dtype: "float64",
    executor,
    losses: false,
  });
  return new Map(leavesWithPaths(phi));
}
const all = (arrays: Map<string, HostArray>): number[] => [...arrays.values()].flatMap(({ data }) => Array.from(data));
const apart = (a: number[], b: number[]): number => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

describe("options of the inner loop", () => {
  test("a sum over six images with α is a mean with six times α", async () => {
    expect(apart(all(await learned({ rate: 0.02 })), all(await learned({ loss: "mean", rate: 0.12 })))).toBeLessThan(1e-12);
  });

  test("a head alone, or a body alone, is all there is in φ; the other part is θ's", async () => {
    expect([...(await learned({ adapts: "head" })).keys()]).toEqual(["head.w", "head.b"]);
    expect([...(await learned({ adapts: "body" })).keys()]).toEqual(["body.0.w", "body.0.b", "body.1.w", "body.1.b"]);
    // With the first step of a head alone, the head moves as it does with all.
    const [alone, whole] = [await learned({ adapts: "head" }, task(), 1), await learned({}, task(), 1)];
    expect(apart(all(alone), [...whole.get("head.w")!.data, ...whole.get("head.b")!.data])).toBe(0);
  });

  test("the pull towards θ leaves the first step as it is, and shortens the way of later ones", async () => {
    const start = all(await learned({}, task(), 0)),
      way = async (proximal: number, steps: number) => apart(all(await learned({ proximal }, task(), steps)), start);
    expect(apart(all(await learned({ proximal: 3 }, task(), 1)), all(await learned({}, task(), 1)))).toBe(0);
    expect(await way(3, 3)).toBeLessThan(await way(0, 3));
  });

  test("Adam with β₁ = 0 moves every number by the same in its first step, where it has a gradient", async () => {
    const start = all(await learned({}, task(), 0)),
      moved = all(await learned({ optimizer: "adam", rate: 0.01 }, task(), 1)).map((x, i) => Math.abs(x - start[i]));
    for (const way of moved) expect(Math.min(way, Math.abs(way - 0.01))).toBeLessThan(1e-5);
    expect(moved.filter(way => way > 0.0099).length).toBeGreaterThan(moved.length / 3);
  });

  test("learned rates begin at the rate, and later steps take the last one's", async () => {
    for (const optimizer of ["sgd", "adam"] as const)
      for (const learnRates of ["array", "step"] as const)
        expect(apart(all(await learned({ learnRates, optimizer }, task(), 5)), all(await learned({ optimizer }, task(), 5)))).toBeLessThan(
          1e-7,
        );
    const theta = problemOf({ learnRates: "step" }).theta(1) as unknown as Theta;
    expect(leavesWithPaths(theta.rates as HostTree).map(([at, { shape }]) => `${at} ${shape.join()}`)).toEqual([
      "body.0.w 3",
      "body.0.b 3",
      "body.1.w 3",
      "body.1.b 3",
      "head.w 3",
      "head.b 3",
    ]);
  });

  test("the clip is a bound on α·u after each product of the exact sweep, and first-order knows nothing of it", async () => {
    const given = task(),
      at = async (sweptClip: number, estimator: string) => {
        const found = await hypergradient(problemOf({ sweptClip }, given), {
          task: given as unknown as HostTree,
          innerSteps: 1,
          dtype: "float64",
          executor,
          estimator,
        });
        return leaves(found.gradient).flatMap(({ data }) => Array.from(data));
      };
    const [plain, clipped] = [await at(0, "exact"), await at(0.02, "exact")],
      // α is 0.1, and after its one step back u is the gradient.
      bound = 0.02 / 0.1;
    expect(
      apart(
        clipped,
        plain.map(g => Math.max(-bound, Math.min(bound, g))),
      ),
    ).toBeLessThan(1e-12);
    expect(plain.filter(g => Math.abs(g) > bound).length).toBeGreaterThan(3);
    expect(await at(0.02, "first-order")).toEqual(await at(0, "first-order"));
  });

  test("a step takes its own minibatch", async () => {
    const given = task({ shots: 4, batch: 3 }),
      order = Array.from(given.order!.data),
      part = (step: number): Task => {
        const chosen = order.slice(3 * step, 3 * step + 3),
          rows = ({ data }: HostArray, size: number): Float32Array =>
            Float32Array.from(chosen.flatMap(i => Array.from(data.slice(i * size, (i + 1) * size)))),
          { x, y } = given.support;
        return {
          support: {
            x: { shape: [3, ...x.shape.slice(1)], dtype: "float32", data: rows(x, 36) },
            y: { shape: [3], dtype: "int32", data: Int32Array.from(rows(y, 1)) },
          },
          query: given.query,
        };
      };
    // Step by step, each on the images of its own minibatch and from where the last one ended.
    let theta = problemOf({}, given).theta(1);
    for (let step = 0; step < 3; step++) {
      const one = part(step),
        { phi } = await adapt(problemOf({}, one), {
          theta,
          task: one as unknown as HostTree,
          innerSteps: 1,
          dtype: "float64",
          executor,
          losses: false,
        });
      theta = { network: phi };
    }
    expect(
      apart(
        all(await learned({}, given)),
        leaves(theta).flatMap(({ data }) => Array.from(data)),
      ),
    ).toBeLessThan(1e-12);
  });
});

describe("the problem of the command", () => {
  const split = splitOf(patterns(12, { side: 6 }), patterns(6, { side: 6, first: 12 }));
  const built = (changed: Partial<FewShotOptions> = {}, steps = 2) =>
    buildFewShot(split, optionsWith({ model: "mlp", filters: 4, ways: 3, ...changed }), 1, steps);

  test.each<[Partial<FewShotOptions>, string]>([
    [
      { model: "linear", adapts: "body" },
      "ufom: few-shot needs a network with a body for adapts = body; received model = linear, which is a head alone.",
    ],
    [
      { "swept-clip": 0.1, "inner-optimizer": "adam" },
      "ufom: few-shot clips α·u, so swept-clip goes with inner-optimizer = sgd; received adam.",
    ],
    [
      { "swept-clip": 0.1, "learn-rates": "array" },
      "ufom: few-shot clips α·u by one bound, so swept-clip goes with learn-rates = none; received array.",
    ],
    [{ ways: 13 }, "ufom: few-shot needs at least 13 training classes of patterns, as many as ways; received 12."],
    [{ ways: 7 }, "ufom: few-shot needs at least 7 testing classes of patterns, as many as ways; received 6."],
    [
      { shots: 6 },
      "ufom: few-shot needs 7 images of every class of patterns, 6 to learn from and 1 to be judged by; received group0/class0 with 6.",
    ],
  ])("of %j is refused in a sentence", (changed, sentence) => {
    expect(() => built(changed)).toThrow(sentence);
  });

  test("names the class that has too few images", () => {
    const { at, ...rest } = split.test,
      short = { ...rest, at: (i: number) => (i === 4 ? { ...at(4), count: 1 } : at(i)) };
    expect(() => buildFewShot(splitOf(split.train, short), optionsWith({ ways: 3, model: "linear" }), 1, 2)).toThrow(
      /received group0\/class16 with 1\.$/,
    );
  });

  test("first-order is refused where it would leave learned rates as they are", () => {
    const refusal = built({ "learn-rates": "array" }).refuse!;
    expect(refusal("first-order")).toMatch(/^first-order leaves learned step sizes as they are/);
    for (const fine of ["exact", "first-order:mixed", "ufom:0.2"]) expect(refusal(fine)).toBeUndefined();
    expect(built().refuse!("first-order")).toBeUndefined();
  });

  test("its protocol names data, split, sizes, network and tests", () => {
    expect(built({ shots: 2, "train-shots": 4 }, 9).protocol!.join("\n")).toMatchInlineSnapshot(`
      "patterns: 1 × 6 × 6, 0 black and 1 white; made for a test
      split authors 0123456789abcdef: classes made for a test
      tasks: 3 ways, 2 images of each to learn from (4 in training, 6 images a step), 1 image to be judged by
      mlp, 4 units a layer: θ has 183 numbers
      inner loop: 9 steps of sgd, α = 0.005, on the sum of the cross entropies
      tested on 600 tasks of testing classes with 9 inner steps, all images at every step, query images normalized together; on the way 20 tasks of the testing classes, as the split keeps none for it"
    `);
  });

  test("draws the same tasks of a seed, whatever trains on them", async () => {
    const tasks = async (changed: Partial<FewShotOptions>) => built(changed).problem.task(3, 2, 1);
    expect(await tasks({})).toEqual(await tasks({ rate: 0.3, model: "linear", "learn-rates": "step" }));
  });

  test("learned rates learn: outer steps change them", async () => {
    const { problem } = built({ "learn-rates": "step", rate: 0.1 }),
      { theta } = await solve(problem, { estimator: "exact", outer: "adam:0.05", metaBatch: 2, outerSteps: 3, seed: 1, executor });
    const rates = leaves((theta as unknown as Theta).rates as HostTree).flatMap(({ data }) => Array.from(data));
    expect(rates.every(rate => Number.isFinite(rate) && Math.abs(rate) > 1e-4)).toBe(true);
  });
});
