import { describe, expect, test } from "vitest";
import { adapt, createReferenceExecutor, createWasmExecutor, evaluate } from "../../src/index.js";
import type { Executor, HostArray, HostTree, Value, ValueTree } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";
import { baselinesOf } from "../../cli/src/problems/few-shot/baselines.js";
import { buildFewShot } from "../../cli/src/problems/few-shot/build.js";
import { accuraciesOf, intervalOf, measuring } from "../../cli/src/problems/few-shot/evaluation.js";
import { logits, type Network } from "../../cli/src/problems/few-shot/networks.js";
import type { FewShotOptions } from "../../cli/src/problems/few-shot/options.js";
import { forWays } from "../../cli/src/problems/few-shot/other-ways.js";
import { fewShotProblem, type Learner, type Theta } from "../../cli/src/problems/few-shot/problem.js";
import { drawTask, type Task } from "../../cli/src/problems/few-shot/tasks.js";
import { compareTable, runsTable } from "../../cli/src/report/compare-table.js";
import { optionsWith, patterns, splitOf } from "./few-shot-classes.js";

const wasm = createWasmExecutor(),
  classes = patterns(20, { side: 8, noise: 0.25 }),
  sizes = { ways: 4, shots: 1, queries: 2, batch: 0, steps: 0 },
  learner: Learner = {
    model: "conv4",
    layout: { channels: 1, height: 8, width: 8, ways: 4, filters: 4 },
    adapts: "all",
    loss: "sum",
    rate: 0.05,
    optimizer: "sgd",
    beta1: 0,
    learnRates: "none",
    proximal: 0,
    steps: 3,
    sweptClip: 0,
  };
const taskAt = (i: number): Task => drawTask(stream(7, "testing", i), classes, sizes);
const asTree = (x: unknown): HostTree => x as HostTree;

/** Rows of scores → the share whose largest is that of the label. */
function share(scores: HostArray, y: HostArray): number {
  const [n, ways] = scores.shape;
  let right = 0;
  for (let i = 0; i < n; i++) {
    const row = Array.from(scores.data.slice(i * ways, (i + 1) * ways));
    if (row.indexOf(Math.max(...row)) === y.data[i]) right++;
  }
  return right / n;
}

describe("accuracies", () => {
  const problem = fewShotProblem(learner, 3, random => drawTask(random, classes, sizes)),
    theta = problem.theta(2);
  const together = evaluate((net: ValueTree, x: Value) => logits("conv4", net as unknown as Network, x), { executor: wasm }),
    alone = evaluate((net: ValueTree, x: Value) => logits("conv4", net as unknown as Network, x, 4), { executor: wasm });
  /** One task after another, by `adapt` and the network alone. */
  async function bruteForce(i: number, steps: number, transductive: boolean): Promise<number> {
    const task = taskAt(i),
      { phi } = await adapt(problem, { theta, task: asTree(task), innerSteps: steps, executor: wasm, losses: false });
    if (transductive) return share(await together(asTree(phi), task.query.x), task.query.y);
    // One query image at a time behind the images that were learned from: none may see another.
    let right = 0;
    for (let q = 0; q < 8; q++) {
      const one = Array.from(task.query.x.data.slice(q * 64, (q + 1) * 64)),
        x = { shape: [5, 1, 8, 8], dtype: "float32" as const, data: Float32Array.from([...task.support.x.data, ...one]) },
        { data } = await alone(asTree(phi), x),
        row = Array.from(data.slice(16));
      if (row.indexOf(Math.max(...row)) === task.query.y.data[q]) right++;
    }
    return right / 8;
  }

  test.each<[string, () => Executor]>([
    ["wasm", () => wasm],
    ["reference", createReferenceExecutor],
  ])("on the way, transductive and not, are those of one task after another (%s)", async (_, executor) => {
    const moments = [
        { steps: 1, transductive: true },
        { steps: 3, transductive: true },
        { steps: 3, transductive: false },
      ],
      count = 3,
      found = await accuraciesOf({ problem, theta, estimator: measuring("conv4", moments), steps: 3 }, count, i => asTree(taskAt(i)), {
        executor: executor(),
        dtype: "float32",
      });
    for (const [m, { steps, transductive }] of moments.entries())
      for (let i = 0; i < count; i++) expect(found[m][i]).toBeCloseTo(await bruteForce(i, steps, transductive), 6);
    expect(found).toHaveLength(3);
  });

  test("an interval is that of the mean of independent tasks", () => {
    const { mean, half } = intervalOf([0, 1, 1, 0, 1]);
    expect(mean).toBeCloseTo(0.6, 12);
    expect(half).toBeCloseTo((1.96 * Math.sqrt(0.3)) / Math.sqrt(5), 12);
  });
});

describe("baselines", () => {
  test("nearest image and ridge regression are those of plain numbers", async () => {
    // The linear network's features are the pixels.
    const theta = fewShotProblem({ ...learner, model: "linear" }, 1, () => taskAt(0)).theta(1),
      count = 6,
      found = await baselinesOf("linear", 4, theta, count, i => asTree(taskAt(i)), true, { executor: wasm, dtype: "float64" });
    for (let i = 0; i < count; i++) {
      const { support, query } = taskAt(i),
        rows = ({ data }: HostArray, n: number) => Array.from({ length: n }, (_, k) => Array.from(data.slice(k * 64, (k + 1) * 64)));
      const [s, q] = [rows(support.x, 4), rows(query.x, 8)];
      const nearest = q.map(x => {
        const distances = s.map(y => y.reduce((sum, v, k) => sum + (v - x[k]) ** 2, 0));
        return support.y.data[distances.indexOf(Math.min(...distances))];
      });
      expect(found.nearest[i]).toBeCloseTo(nearest.filter((way, k) => way === query.y.data[k]).length / 8, 12);
      const probe = ridge(s, Array.from(support.y.data), q, 4);
      expect(found.probe[i]).toBeCloseTo(probe.filter((way, k) => way === query.y.data[k]).length / 8, 12);
    }
  });
});

/** Ridge regression in the space of the images, by elimination: the largest score of each row of q. */
function ridge(s: number[][], y: number[], q: number[][], ways: number): number[] {
  const n = s.length,
    mean = s[0].map((_, k) => s.reduce((sum, row) => sum + row[k], 0) / n),
    f = s.map(row => row.map((v, k) => v - mean[k])),
    dot = (a: number[], b: number[]) => a.reduce((sum, v, k) => sum + v * b[k], 0),
    gram = f.map(a => f.map(b => dot(a, b))),
    lambda = (0.1 * gram.reduce((sum, row, i) => sum + row[i], 0)) / n + 1e-6,
    targets = y.map(label => Array.from({ length: ways }, (_, w) => (w === label ? 1 : 0) - y.filter(l => l === w).length / n)),
    a = gram.map((row, i) => [...row.map((v, k) => (i === k ? v + lambda : v)), ...targets[i]]);
  for (let p = 0; p < n; p++) {
    const pivot = a[p][p];
    a[p] = a[p].map(v => v / pivot);
    for (let i = 0; i < n; i++) {
      const factor = a[i][p];
      if (i !== p) a[i] = a[i].map((v, k) => v - factor * a[p][k]);
    }
  }
  return q.map(row => {
    const k = f.map(b =>
        dot(
          row.map((v, i) => v - mean[i]),
          b,
        ),
      ),
      scores = Array.from({ length: ways }, (_, w) => k.reduce((sum, v, i) => sum + v * a[i][n + w], 0));
    return scores.indexOf(Math.max(...scores));
  });
}

describe("a comparison's tables", () => {
  const record = (accuracy: number, seed: number) =>
    ({
      estimator: "exact",
      seed,
      outcome: "finished",
      outerSteps: 1,
      seconds: 1,
      peakStates: 1,
      counts: { step: 1, product: 0, outer: 0 },
      metrics: { accuracy, accuracyInterval: 0.0123 },
    }) as never;
  const judging = { varied: [], measured: true };

  test("have no columns for half intervals, which stand behind each run's figures", () => {
    const records = [record(0.8, 1), record(0.9, 2)];
    expect(compareTable(records, judging).columns).toEqual([
      "estimator",
      "accuracy",
      "outer steps",
      "evaluations",
      "time",
      "most states",
      "outcome",
    ]);
    const { rows, note } = runsTable(records, judging, ["a", "b"]);
    expect(rows.map(row => row[2])).toEqual(["0.800 ± 0.012", "0.900 ± 0.012"]);
    expect(note).toContain("half of its 95 % interval");
  });
});

describe("θ for another number of ways", () => {
  const theta = fewShotProblem(learner, 3, () => taskAt(0)).theta(2),
    { head, body } = (theta as unknown as Theta).network;

  test("has the mean of the learned columns for every class, and the body as it is", () => {
    for (const ways of [2, 7]) {
      const other = (forWays(theta, ways) as unknown as Theta).network;
      expect(other.body).toEqual(body);
      expect(other.head.w.shape).toEqual([head.w.shape[0], ways]);
      for (let row = 0; row < head.w.shape[0]; row++) {
        const mean = Array.from(head.w.data.slice(4 * row, 4 * row + 4)).reduce((a, b) => a + b, 0) / 4;
        for (let way = 0; way < ways; way++) expect(other.head.w.data[ways * row + way]).toBeCloseTo(mean, 6);
      }
    }
    expect(forWays(theta, 4)).toBe(theta);
  });
});

describe("the figures of a run", () => {
  const split = splitOf(patterns(12, { noise: 0.2 }), patterns(12, { noise: 0.2, first: 12 })),
    changed: Partial<FewShotOptions> = { ways: 3, filters: 4, tasks: 24, "validation-tasks": 5, rate: 0.05 },
    built = buildFewShot(split, optionsWith(changed), 1, 2),
    context = { seed: 1, dtype: "float32" as const, innerSteps: 2, executor: wasm, progress: () => {} };

  test("are accuracies with intervals of θ, of twice the steps, of the start and of what needs no start", async () => {
    const theta = built.problem.theta(1),
      metrics = await built.evaluate!(theta, context);
    expect(Object.keys(metrics)).toEqual(
      ["accuracy", "accuracyNonTransductive", "accuracyTwiceTheSteps", "accuracyStart", "accuracyProbe", "accuracyNearest"].flatMap(
        name => [name, `${name}Interval`],
      ),
    );
    for (const x of Object.values(metrics)) expect(x >= 0 && x <= 1).toBe(true);
    // θ is the start here.
    expect(metrics.accuracy).toBe(metrics.accuracyStart);
    // Patterns with a fifth of their pixels turned are far apart.
    expect(metrics.accuracyNearest).toBeGreaterThan(0.8);
    const [table] = built.tables!({ metrics } as never);
    expect(table.rows.map(([title]) => title)).toContain("nearest image, pixel by pixel");
    expect(await built.track!(theta, context)).toEqual({ accuracy: expect.any(Number), accuracyInterval: expect.any(Number) });
  });

  test("test steps, minibatches of testing and the way of normalizing are those of the options", async () => {
    const theta = built.problem.theta(1),
      of = (more: Partial<FewShotOptions>) => buildFewShot(split, optionsWith({ ...changed, "validation-tasks": 12, ...more }), 1, 2),
      onTheWay = async (more: Partial<FewShotOptions>, innerSteps = 2) =>
        (await of(more).track!(theta, { ...context, innerSteps })).accuracy;
    expect(await onTheWay({ "test-steps": 4 })).toBe(await onTheWay({}, 4));
    // Minibatches of six images of three: every image twice, which is a rate twice as large.
    expect(await onTheWay({ "test-batch": 6 })).toBeCloseTo(await onTheWay({ rate: 0.1 }), 6);
    const { accuracy, accuracyTransductive } = await of({ transductive: false }).evaluate!(theta, context),
      usual = await built.evaluate!(theta, context);
    expect([accuracy, accuracyTransductive]).toEqual([usual.accuracyNonTransductive, usual.accuracy]);
  });
});
