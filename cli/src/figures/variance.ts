import type { Chart, Series } from "../problems/figure.js";
import { short } from "../report/format.js";
import type { FigureContext, MadeFigure, PaperFigure } from "./figure.js";
import type { Batch, ManyStarts } from "./many-starts.js";
import { manyStarts } from "./many-starts.js";
import { rounded } from "./numbers.js";
import { problemAt, starts } from "./trade-off-experiment.js";
import { schemes, varianceOf } from "./variance-schemes.js";
import { coinAStep, oneCoin } from "./variance-theory.js";

const title = "Variance at equal products";
/** α·r: the loops go equally far. */
const length = 0.4;
/** Draws of all coins, for one start. */
const drawsPerStart = 0.4;
const usual = { r: 40, products: 10 } as const;
const products = [2, 4, 6, 8, 10, 15, 20, 30, 40];
const lengths = [10, 15, 20, 40, 100, 200, 400];

/** Variances at some points (K, r), by scheme. */
async function measure(points: readonly { readonly k: number; readonly r: number }[], context: FigureContext) {
  const found = schemes.map((): { k: number; r: number; variance: number }[] => []),
    /** Of each r one, which is compiled once. */
    made = new Map<number, ManyStarts>();
  for (const { k, r } of points) {
    const batch: Batch = { scalar: problemAt(length / r), starts, extents: [1, 1, context.starts] },
      problem = made.get(r) ?? manyStarts(batch),
      { x } = problem.theta(context.seed);
    made.set(r, problem);
    for (const [i, scheme] of schemes.entries()) {
      const spelling = scheme.spelling(k, r);
      if (spelling === undefined) continue;
      const draws = Math.max(10, Math.round(drawsPerStart * context.starts)),
        where = { batch, problem, x, innerSteps: r, executor: context.executor, draws },
        { variance, products: taken } = await varianceOf(spelling, where);
      found[i].push({ k: taken, r, variance });
    }
  }
  return found;
}

function chart(heading: string, x: Chart["x"], measured: readonly Series[], lines: readonly Series[]): Chart {
  return { kind: "chart", title: heading, x, y: { label: "variance / V²", scale: "log" }, series: [...lines, ...measured] };
}

async function make(context: FigureContext): Promise<MadeFigure> {
  const byProducts = products.map(k => ({ k, r: usual.r })),
    byLength = lengths.map(r => ({ k: usual.products, r })),
    measured = { products: await measure(byProducts, context), length: await measure(byLength, context) };
  const points = (found: (typeof measured)["products"], at: "k" | "r") =>
    schemes.map(({ name, place }, i): Series => ({
      name,
      place,
      style: "points",
      points: found[i].map(one => [one[at], one.variance] as const),
    }));
  const forms = [
    { name: "one coin, closed form", place: 0, of: oneCoin },
    { name: "a coin a step, closed form", place: 1, of: coinAStep },
  ];
  const lines = (where: readonly { readonly k: number; readonly r: number }[], at: "k" | "r") =>
    forms.map(({ name, place, of }): Series => ({
      name,
      place,
      points: where.map(one => [one[at], of(problemAt(length / one.r), one.k, one.r)] as const),
    }));
  const shown = { products: lines(byProducts, "k"), length: lines(byLength, "r") };
  const listed = (series: readonly Series[]) =>
    series.map(({ name, points: all }) => ({ name, points: all.map(point => point.map(rounded)) }));
  const drawn = { products: points(measured.products, "k"), length: points(measured.length, "r") };
  // Products that were drawn are nearly as many as expected.
  const at = (series: Series, x: number) => series.points.find(point => Math.abs(point[0] - x) < 0.05 * x)?.[1];
  return {
    panels: [
      chart(`Against products, of ${usual.r} inner steps`, { label: "products, expected", max: usual.r }, drawn.products, shown.products),
      chart(
        `Against r, with ${usual.products} products and α = ${length}/r`,
        { label: "inner steps r", scale: "log", max: lengths.at(-1)! },
        drawn.length,
        shown.length,
      ),
    ],
    table: {
      columns: ["estimate", `variance / V², ${usual.products} products of ${usual.r}`, `of ${lengths.at(-1)!}`],
      rows: [0, 1].flatMap(kind =>
        (kind === 0 ? shown : drawn).products.map((series, i) => [
          series.name,
          short(at(series, usual.products) ?? NaN),
          short(at((kind === 0 ? shown : drawn).length[i], lengths.at(-1)!) ?? NaN),
        ]),
      ),
    },
    numbers: {
      againstProducts: { closedForm: listed(shown.products), measured: listed(drawn.products) },
      againstLength: { closedForm: listed(shown.length), measured: listed(drawn.length) },
    },
  };
}

export default { name: "variance", title, starts: 500, make } satisfies PaperFigure;
