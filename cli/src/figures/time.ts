import { expectedCost } from "ufom";
import type { Series } from "../problems/figure.js";
import { short, whole } from "../report/format.js";
import { descend } from "./descents.js";
import type { FigureContext, MadeFigure, PaperFigure } from "./figure.js";
import type { Batch } from "./many-starts.js";
import { exact, firstOrder, ufom } from "./methods.js";
import type { Spread } from "./numbers.js";
import { decades, rounded, spreadOf } from "./numbers.js";
import { problemAt, starts } from "./trade-off-experiment.js";
import { bestProbability, costsOf, momentsAt, stationaryOf } from "./trade-off-theory.js";

const title = "|∇M| against time at α = 0.01";
const rate = 0.01;
const outerSteps = 10_000;
/** What all methods may spend: 10,000 first-order steps. */
const budget = 110_000;
const at = decades(1, outerSteps, 12);

async function make(context: FigureContext): Promise<MadeFigure> {
  const scalar = problemAt(rate),
    best = bestProbability(scalar, momentsAt(scalar, stationaryOf(scalar)), 1),
    methods = [firstOrder, ufom(best, `UFOM, q* = ${short(Number(best.toPrecision(2)))}`), exact],
    costs = costsOf(scalar),
    /** C(q), for q = 0 too. */
    each = methods.map(({ q }) => (q === 0 ? costs.det : expectedCost(costs, q))),
    batch: Batch = { scalar, starts, extents: [1, methods.length, context.starts] },
    norms: (Spread & { readonly spent: number })[][] = methods.map(() => []);
  for await (const { k, gradient } of descend({ batch, probabilities: methods.map(({ q }) => q), at }, context))
    for (const [i, list] of norms.entries())
      if (k * each[i] <= budget)
        list.push({ spent: k * each[i], ...spreadOf(gradient.slice(i * context.starts, (i + 1) * context.starts).map(Math.abs)) });
  const series = methods.map(({ name, place }, i): Series => ({
    name,
    place,
    points: norms[i].map(({ spent, mean }) => [spent, mean]),
    band: norms[i].map(({ spent, low, high }) => [spent, low, high]),
  }));
  /** When the mean comes to a level for good, between the two times around it. */
  const reaches = (i: number, level: number): number | undefined => {
    const last = norms[i].findLastIndex(({ mean }) => mean > level),
      [above, below] = [norms[i][last], norms[i][last + 1]];
    if (below === undefined) return undefined;
    const share = Math.log(above.mean / level) / Math.log(above.mean / below.mean);
    return above.spent * (below.spent / above.spent) ** share;
  };
  const lowest = norms.map(list => list.at(-1)!.mean),
    // What the exact gradient comes to.
    level = lowest[2];
  return {
    panels: [
      {
        kind: "chart",
        title: `Mean over ${whole(context.starts)} starts; in the band lie eight of ten`,
        x: { label: "gradient evaluations, C(q) for each outer step", scale: "log", max: budget },
        y: { label: "|∇M(θ)|", scale: "log" },
        series,
      },
    ],
    table: {
      columns: ["method", "evaluations an outer step", "mean |∇M| at the end", `evaluations until it is ${short(level)}`],
      rows: methods.map(({ name }, i) => {
        const spent = reaches(i, level);
        return [name, short(each[i]), short(lowest[i]), spent === undefined ? "never" : whole(spent)];
      }),
      note: `At ${whole(budget)} evaluations each: inner steps, products and outer gradients, one each, as they are expected with recomputing.`,
    },
    numbers: {
      rate,
      level: rounded(level),
      methods: methods.map(({ name, q }, i) => ({
        name,
        q: rounded(q),
        evaluationsAnOuterStep: rounded(each[i]),
        evaluationsUntilLevel: roundedIfThere(reaches(i, level)),
        evaluations: norms[i].map(one => rounded(one.spent)),
        mean: norms[i].map(one => rounded(one.mean)),
        low: norms[i].map(one => rounded(one.low)),
        high: norms[i].map(one => rounded(one.high)),
      })),
    },
  };
}

const roundedIfThere = (x: number | undefined): number | null => (x === undefined ? null : rounded(x));

export default { name: "time", title, starts: 1000, make } satisfies PaperFigure;
