import { describe, expect, it } from "vitest";
import { History } from "../../cli/src/history.js";
import type { Built, RunRecord } from "../../cli/src/problems/problem-entry.js";
import { compareReport } from "../../cli/src/report/compare-report.js";
import { compareTables } from "../../cli/src/report/compare-tables.js";
import { diagnosisCharts } from "../../cli/src/report/diagnosis-charts.js";
import { runFigures } from "../../cli/src/report/run-figures.js";
import { charged } from "../../cli/src/report/series.js";
import { studentQuantile } from "../../src/core/random/student-quantile.js";

/** A run whose every second step had both gradients. */
function runOf(estimator: string, seed: number, accuracy: number): RunRecord {
  const history = new History();
  for (let index = 1; index <= 40; index++) {
    const both = estimator.startsWith("ufom") && index % 2 === 0;
    history.add({
      index,
      loss: 1 / index,
      probability: estimator.startsWith("ufom") ? 1 / (1 + index) : 1,
      counts: { step: 10 * index, product: 5 * index, outer: index },
      charged: 55 * index,
      gradientNorm: 1,
      peakStates: 1,
      seconds: index / 4,
      tracked: { accuracy: (accuracy * index) / 40 },
      ...(both ? { moments: { difference: index, target: 2 * index, cosine: index / 40 } } : {}),
    });
  }
  const { diagnosed, steps } = history;
  return {
    problem: "p",
    estimator,
    seed,
    outcome: "budget",
    message: "",
    outerSteps: 40,
    innerSteps: 10,
    seconds: 10,
    counts: steps.at(-1)!.counts,
    charged: 2200,
    ...(diagnosed === undefined ? {} : { diagnosed }),
    peakStates: 1,
    metrics: { interval: 0.01, accuracy },
    theta: { x: { shape: [], dtype: "float32", data: Float32Array.of(1) } },
    steps,
  };
}

const built = { defaults: {}, headline: { metric: "accuracy", label: "accuracy" }, evaluate: () => ({}) } as unknown as Built;
const records = [
  runOf("exact", 1, 0.9),
  runOf("exact", 2, 0.94),
  runOf("exact", 3, 0.92),
  runOf("ufom:0.3", 1, 0.91),
  runOf("ufom:0.3", 2, 0.93),
  runOf("ufom:0.3", 3, 0.92),
];
const judging = { varied: [], measured: true };

describe("what was seen of two gradients", () => {
  it("is summed over all steps", () => {
    // Even indices 2 … 40: the sums are in the ratio of 1 to 2, the mean of index/40 is 21/40.
    expect(runOf("ufom:0.3", 1, 1).diagnosed).toMatchObject({ steps: 20, ratio: 0.5, cosine: expect.closeTo(21 / 40, 12) as number });
    expect(runOf("exact", 1, 1).diagnosed).toBeUndefined();
    const thousands = new History();
    const { tracked: _, ...step } = runOf("ufom:0.3", 1, 1).steps[1];
    for (let index = 1; index <= 30_000; index++) thousands.add({ ...step, index, probability: 0.25 });
    expect(thousands.diagnosed).toMatchObject({ steps: 30_000, probability: 0.25 });
    expect(thousands.steps.length).toBeLessThan(20_000);
  });

  it("is drawn: D²/V², the cosine, and q, of the runs that have them", () => {
    const charts = diagnosisCharts(records, { work: charged, names: ["exact", "ufom:0.3"] });
    expect(charts.map(({ y }) => y.label)).toEqual(["D²/V²", "cosine", "q"]);
    // Its colour is that of the second estimator, as in the other charts of a comparison.
    for (const { series } of charts) expect(series.map(({ name, place }) => [name, place])).toEqual([["ufom:0.3", 1]]);
    for (const [, y] of charts[0].series[0].points) expect(y).toBeCloseTo(0.5, 12);
    const [single] = [diagnosisCharts([records[3]], { work: charged })];
    // Of one run, each even step by itself: a twentieth of 20 steps is one.
    expect(single[1].series[0].points).toEqual(Array.from({ length: 20 }, (_, i) => [110 * (i + 1), (2 * (i + 1)) / 40]));
    expect(diagnosisCharts([records[0]])).toEqual([]);
    expect(runFigures(records[3], built).map(({ title }) => title)).toContain("Cosine between baseline and exact gradient");
  });
});

describe("a comparison", () => {
  it("has a 95 % interval over seeds, and the difference from exact seed by seed", () => {
    const [, over, seen] = compareTables(records, built, judging);
    // t = 4.3027 for two degrees of freedom: 0.02·t/√3 = 0.0497 for both; differences 0.01, −0.01, 0: 0.01·t/√3 = 0.0248.
    expect(over.columns).toEqual(["", "accuracy", "difference from exact"]);
    expect(over.rows).toEqual([
      ["exact", "0.920 ± 0.050", ""],
      ["ufom:0.3", "0.920 ± 0.025", "0.000 ± 0.025"],
    ]);
    expect(seen.rows).toEqual([["ufom:0.3", "0.5", "0.525", expect.any(String), "20"]]);
    expect(compareTables(records.slice(0, 1), built, judging)).toHaveLength(1);
  });

  it("is drawn against charged evaluations, our own, and seconds", async () => {
    const report = await compareReport({
      problem: "p",
      summary: "s",
      built,
      records,
      varied: [],
      measured: true,
      links: records.map(() => "r.html"),
      budget: "2,200 charged evaluations",
      settings: [],
      commands: [],
      version: "0",
    });
    for (const title of ["accuracy, by our own count", "accuracy, by the clock"]) expect(report).toContain(title);
    for (const label of ["charged evaluations", "evaluations (inner steps + products + outer gradients)", "seconds"])
      expect(report).toContain(label);
    for (const text of ["Over seeds", "Seen along the way", "D²/V²"]) expect(report).toContain(text);
  });

  it.each([
    [1, 12.7062],
    [2, 4.3027],
    [11, 2.201],
    [20, 2.086],
    [30, 2.0423],
    [60, 2.0003],
    [120, 1.9799],
  ])("Student's t with %d degrees of freedom is as tables have it", (freedom, t) => {
    expect(Math.abs(studentQuantile(freedom) - t)).toBeLessThan(5e-4);
  });
});
