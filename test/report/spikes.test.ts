import { describe, expect, it } from "vitest";
import type { RunRecord, StepRecord } from "../../cli/src/problems/problem-entry.js";
import { bestOf } from "../../cli/src/report/best.js";
import { runFigures } from "../../cli/src/report/run-figures.js";
import { workChart } from "../../cli/src/report/series.js";
import { extentOf } from "../../cli/src/report/spikes.js";

const line = (values: readonly number[]) => [{ name: "a", points: values.map((y, i) => [i + 1, y] as const) }];
const wave = Array.from({ length: 100 }, (_, i) => 1 + 0.3 * Math.sin(i));
const withAt = (at: number, y: number): number[] => wave.map((x, i) => (i === at ? y : x));

describe("axes", () => {
  it("leave a single spike out, mark it at the border and say how far it goes", () => {
    const chart = workChart("Outer loss", "loss", line(withAt(40, 1e6)));
    expect(chart.y.scale).toBe("linear");
    expect(chart.y.max).toBeGreaterThan(1.3);
    expect(chart.y.max).toBeLessThan(1.5);
    expect(chart.caption).toBe("1 point lies above the axis, as far as 1.00e6.");
    expect(chart.marks).toEqual([{ kind: "above", x: 41, y: chart.y.max, label: "1.00e6" }]);
    const below = workChart("t", "l", line(withAt(40, -50)));
    expect([below.y.min! < 0.7, below.y.min! > 0, below.marks?.[0].kind]).toEqual([true, true, "below"]);
  });

  it("show where a run begins and where it explodes", () => {
    for (const values of [wave.map((x, i) => (i < 2 ? 1e6 : x)), wave.map((x, i) => (i > 97 ? 1e6 : x))]) {
      expect(extentOf(line(values))!.high).toBe(1e6);
      const chart = workChart("t", "l", line(values));
      expect([chart.y.scale, chart.y.max, chart.caption]).toEqual(["log", undefined, undefined]);
    }
  });

  it("are as they were where nothing stands out, or where there are few points", () => {
    expect(workChart("t", "l", line(wave)).y).toEqual({ label: "l", scale: "linear" });
    expect(workChart("t", "l", line([1, 1, 50, 1, 1])).y).toEqual({ label: "l", scale: "log" });
    expect(extentOf(line([]))).toBeUndefined();
    expect(extentOf(line(wave.map(() => 3)))).toEqual({ low: 3, high: 3 });
  });

  it("are logarithmic where the numbers want it, spikes aside", () => {
    const falling = Array.from({ length: 100 }, (_, i) => 10 ** (-i / 20));
    expect(workChart("t", "l", line(falling)).y).toEqual({ label: "l", scale: "log" });
    const chart = workChart("t", "l", line(falling.map((x, i) => (i === 60 ? 1e30 : x))));
    expect(chart.y.scale).toBe("log");
    expect(chart.y.max).toBeLessThan(2);
    expect(chart.caption).toContain("as far as 1.00e30");
  });
});

const step = (index: number, loss: number, rest: Partial<StepRecord> = {}): StepRecord => ({
  index,
  loss,
  probability: 1,
  counts: { step: 10 * index, product: 0, outer: index },
  gradientNorm: 1,
  peakStates: 1,
  seconds: index,
  ...rest,
});
const record = (steps: readonly StepRecord[], rest: Partial<RunRecord> = {}): RunRecord => ({
  problem: "p",
  estimator: "exact",
  seed: 1,
  outcome: "finished",
  message: "",
  outerSteps: steps.length,
  innerSteps: 10,
  seconds: 2,
  metrics: {},
  counts: { step: 10, product: 5, outer: 1 },
  peakStates: 3,
  theta: [],
  steps,
  ...rest,
});
const plain = { problem: undefined as never, defaults: { estimator: "exact", outer: "adam:1", outerSteps: 1 } };

describe("the best value", () => {
  it("is the lowest running mean of a fiftieth of the run, not one lucky draw", () => {
    const losses = Array.from({ length: 200 }, (_, i) => (i < 120 ? 120 - i : i - 120) + 1);
    losses[10] = 0;
    const best = bestOf(record(losses.map((loss, i) => step(i + 1, loss))))!;
    // Four losses in a row are lowest on both sides of the turn: 3, 2, 1, 2 and 2, 1, 2, 3.
    expect(best).toEqual({ index: 122, value: 2, criterion: "mean of 4 outer losses" });
  });

  it("is that of a run that kept one, and skips what is not finite", () => {
    const kept = { index: 2, value: 0.5, criterion: "accuracy", theta: {} };
    expect(bestOf(record([step(1, 1), step(2, 2)], { best: kept }))).toBe(kept);
    expect(bestOf(record([step(1, 1), step(2, 0.5), step(3, NaN)]))).toEqual({ index: 2, value: 0.5, criterion: "outer loss" });
    expect(bestOf(record([step(1, NaN), step(2, NaN)]))).toBeUndefined();
    expect(bestOf(record([step(1, 1)]))).toBeUndefined();
  });
});

describe("the figures of any run", () => {
  const steps = Array.from({ length: 12 }, (_, i) =>
    step(i + 1, 12 - i, { tracked: { first: i, second: -i }, theta: { "a.b": [i, 2 * i], c: [7] } }),
  );
  const charts = runFigures(record(steps), plain).flatMap(figure => (figure.kind === "chart" ? [figure] : []));

  it("are the loss with its best value, what was tracked, and small leaves of θ", () => {
    expect(charts.map(({ title }) => title)).toEqual(["Outer loss", "first", "second", "θ.a.b", "θ.c", "Norm of the estimated gradient"]);
    expect(charts[0].marks).toEqual([{ kind: "best", label: "best", x: 132, y: 1 }]);
    expect(charts[0].caption).toContain("Best: 1 at step 12 (outer loss).");
    expect(charts[3].series.map(({ name, points }) => [name, points.at(-1)])).toEqual([
      ["a.b[0]", [132, 11]],
      ["a.b[1]", [132, 22]],
    ]);
  });

  it("do not draw half of an interval, which stands beside its figure", () => {
    const both = [1, 2].map(i => step(i, i, { tracked: { first: i, firstInterval: 0.1, otherInterval: 2 } }));
    expect(runFigures(record(both), plain).map(({ title }) => title)).toEqual(
      expect.arrayContaining(["first", "other interval"]) as unknown,
    );
    expect(runFigures(record(both), plain).map(({ title }) => title)).not.toContain("first interval");
  });

  it("are means of neighbours where they are of few tasks, and many", () => {
    const noisy = Array.from({ length: 48 }, (_, i) =>
        step(i + 1, 1, { tracked: { share: i % 2, shareInterval: 0.4, sure: i % 2, other: i % 2, otherInterval: 1 } }),
      ),
      headline = { metric: "share", label: "the share of what is right on classes that are new", scale: "linear" as const },
      [, share, sure, other] = runFigures(record(noisy), { ...plain, headline }).flatMap(figure =>
        figure.kind === "chart" ? [figure] : [],
      );
    expect([share.y.label, share.caption]).toEqual(["share", expect.stringContaining("mean of a twelfth")]);
    // Two neighbours on each side: three of five points are of the other kind.
    expect(share.series[0].points.slice(20, 22).map(([, y]) => y)).toEqual([0.4, 0.6]);
    expect(sure.series[0].points.slice(20, 22).map(([, y]) => y)).toEqual([0, 1]);
    // What is drawn so says so, also where it is not the headline.
    expect([sure.caption, other.caption]).toEqual([undefined, share.caption]);
  });

  it("draw the headline first, and no figure twice", () => {
    const headline = { metric: "second", label: "the second", scale: "linear" as const };
    const titles = runFigures(record(steps), { ...plain, headline }).map(({ title }) => title);
    expect(titles.slice(0, 3)).toEqual(["Outer loss", "the second", "first"]);
    expect(titles).not.toContain("second");
  });
});
