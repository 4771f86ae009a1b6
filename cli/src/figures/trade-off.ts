import { expectedCost } from "ufom";
import type { Chart, Series } from "../problems/figure.js";
import { short, whole } from "../report/format.js";
import type { FigureContext, MadeFigure, PaperFigure } from "./figure.js";
import { rounded } from "./numbers.js";
import { endsOf, experiment, measuredMoments, probabilities, problemAt, rates, starts, startsAtRates } from "./trade-off-experiment.js";
import type { Moments } from "./trade-off-theory.js";
import { bestProbability, costsOf, momentsAt, momentsOver, stationaryOf } from "./trade-off-theory.js";

const title = "D², V² and the best q against α";

const smallest = (values: readonly number[]): number => values.reduce((best, value, i) => (value < values[best] ? i : best), 0);

/** A cost between those of the probabilities that were tried: linear in the logarithms. */
function costAt(costs: readonly number[], q: number): number {
  const above = Math.max(
      1,
      probabilities.findIndex(tried => tried >= q),
    ),
    [x0, x1] = [Math.log(probabilities[above - 1]), Math.log(probabilities[above])],
    share = (Math.log(q) - x0) / (x1 - x0);
  return Math.exp((1 - share) * Math.log(costs[above - 1]) + share * Math.log(costs[above]));
}

const against = (values: readonly number[]) => rates.map((rate, i) => [rate, values[i]] as const);
const line = (name: string, place: number, values: readonly number[]): Series => ({ name, place, points: against(values) });
const points = (name: string, place: number, values: readonly number[]): Series => ({ ...line(name, place, values), style: "points" });
const x = { label: "inner step size α", scale: "log", min: rates[0], max: rates.at(-1)! } as const;

/** Closed forms as lines, what was measured as points of the same colours. */
function momentsChart(theory: Record<"over" | "end", readonly Moments[]>, measured: Record<"over" | "end", readonly Moments[]>): Chart {
  const groups = [
    ["V² over the range of the starts", 0, "over", "v2"],
    ["D² there", 1, "over", "d2"],
    ["V² where ∇M = 0", 2, "end", "v2"],
    ["D² there", 3, "end", "d2"],
  ] as const;
  return {
    kind: "chart",
    title: "Second moments: closed forms as lines, measured as points",
    x,
    y: { label: "second moment", scale: "log" },
    series: groups.flatMap(([name, place, where, which]) => [
      line(
        name,
        place,
        theory[where].map(moments => moments[which]),
      ),
      points(
        "",
        place,
        measured[where].map(moments => moments[which]),
      ),
    ]),
  };
}

async function make(context: FigureContext): Promise<MadeFigure> {
  const problems = rates.map(problemAt),
    theory = {
      over: problems.map(problem => momentsOver(problem, starts)),
      end: problems.map(problem => momentsAt(problem, stationaryOf(problem))),
    };
  const q = (where: "over" | "end", p: number) => problems.map((problem, i) => bestProbability(problem, theory[where][i], p)),
    byTheory = { end: q("end", 1), over: q("over", 1), half: q("over", 0.5) };
  const descents = await experiment(context),
    costs = descents.levels.map((row, r) => row.map((level, i) => expectedCost(costsOf(problems[r]), probabilities[i]) * level * level)),
    best = costs.map(smallest),
    excess = (chosen: readonly number[]) => costs.map((row, r) => costAt(row, chosen[r]) / row[best[r]]),
    ratios = { end: excess(byTheory.end), over: excess(byTheory.over), half: excess(byTheory.half) };
  const measured = {
    over: await measuredMoments(startsAtRates(context), context),
    end: await measuredMoments(endsOf(descents, best, context), context),
  };
  const bestTried = best.map(i => probabilities[i]);
  const names = { end: "q* of the moments where ∇M = 0", over: "q* of those over the range", half: "the same with p = ½" };
  return {
    panels: [
      momentsChart(theory, measured),
      {
        kind: "chart",
        title: `The best q: theory, and the best of ${probabilities.length} tried with ${whole(context.starts)} starts each`,
        x,
        y: { label: "q", scale: "log" },
        series: [
          line(names.end, 2, byTheory.end),
          line(names.over, 0, byTheory.over),
          line(names.half, 5, byTheory.half),
          points("best tried", 1, bestTried),
        ],
      },
      {
        kind: "chart",
        title: "What q* costs, over the cost of the best that was tried",
        x,
        y: { label: "cost over the best", min: 0.9 },
        series: [line(names.end, 2, ratios.end), line(names.over, 0, ratios.over), line(names.half, 5, ratios.half)],
        levels: [{ label: "10 % more", y: 1.1 }],
      },
    ],
    table: {
      columns: ["α", "D²/V²", "q*", "best tried", "cost at q*", "cost at q* of p = ½"],
      rows: rates.map((rate, r) =>
        [rate, theory.end[r].d2 / theory.end[r].v2, byTheory.end[r], bestTried[r], ratios.end[r], ratios.half[r]].map(value =>
          short(Number(value.toPrecision(3))),
        ),
      ),
      note: "Costs are evaluations to equal E|∇M|, over those of the best q that was tried.",
    },
    numbers: {
      rates: rates.map(rounded),
      probabilities: probabilities.map(rounded),
      theory: { over: theory.over.map(roundedMoments), end: theory.end.map(roundedMoments) },
      measured: { over: measured.over.map(roundedMoments), end: measured.end.map(roundedMoments) },
      best: {
        theoryEnd: byTheory.end.map(rounded),
        theoryOver: byTheory.over.map(rounded),
        theoryHalf: byTheory.half.map(rounded),
        tried: bestTried.map(rounded),
      },
      costOverBest: { end: ratios.end.map(rounded), over: ratios.over.map(rounded), half: ratios.half.map(rounded) },
      costs: costs.map(row => row.map(rounded)),
    },
  };
}

const roundedMoments = ({ v2, d2 }: Moments): Moments => ({ v2: rounded(v2), d2: rounded(d2) });

export default { name: "trade-off", title, starts: 2000, make } satisfies PaperFigure;
