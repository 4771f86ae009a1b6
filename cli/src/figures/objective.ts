import { divergenceProblem, value } from "../problems/toy/family.js";
import { stationaryPoint } from "../problems/toy/variants.js";
import type { Series } from "../problems/figure.js";
import { short } from "../report/format.js";
import { descend, objectiveOf } from "./descents.js";
import type { FigureContext, MadeFigure, PaperFigure } from "./figure.js";
import type { Batch } from "./many-starts.js";
import { float64, manyStarts } from "./many-starts.js";
import { firstOrder, ufom } from "./methods.js";
import { evenly, mean, quantiles, rounded } from "./numbers.js";

const title = "Two tasks, their outer objective, and where descents end";
const starts = { low: -10, high: 30 } as const;
/** θ around both points where descents end. */
const near = { low: 0, high: 9 } as const;
const methods = [firstOrder, ufom(0.1)];
const probabilities = methods.map(({ q }) => q);
const outerSteps = 10_000;

/** M on a grid, as the inner loop gives it. */
async function curve(batch: Omit<Batch, "extents">, grid: readonly number[], context: FigureContext) {
  const extents = [1, 1, grid.length] as const,
    at = { ...batch, extents },
    values = await objectiveOf(at, manyStarts(at), float64(extents, Float64Array.from(grid)), context);
  return grid.map((x, i) => [x, values[i]] as const);
}

async function make(context: FigureContext): Promise<MadeFigure> {
  const scalar = divergenceProblem(),
    { tasks, loop, firstOrderFixedPoint } = scalar,
    batch: Batch = { scalar, starts, extents: [1, probabilities.length, context.starts] };
  const wide = evenly(starts.low, starts.high, 161),
    f = tasks.map((task, i): Series => ({ name: `f${"₁₂"[i]}`, place: 3 + i, points: wide.map(x => [x, value(task, x)] as const) })),
    m = await curve(batch, wide, context),
    close = await curve(batch, evenly(near.low, near.high, 91), context),
    stationary = stationaryPoint(scalar, loop, "exact", starts)!,
    [[, lowest]] = await curve(batch, [stationary], context);
  const ends: Series[] = [];
  const found: { method: string; theta: readonly number[]; meanGradientNorm: number }[] = [];
  for await (const { x, gradient } of descend({ batch, probabilities, at: [outerSteps] }, context)) {
    const values = await objectiveOf(batch, manyStarts(batch), x, context);
    for (const [i, { name, place }] of methods.entries()) {
      const [from, to] = [i * context.starts, (i + 1) * context.starts],
        theta = x.data.slice(from, to);
      ends.push({ name, place, style: "points", points: Array.from(theta, (t, s) => [t, values[from + s]] as const) });
      found.push({ method: name, theta: Array.from(theta, rounded), meanGradientNorm: mean(gradient.slice(from, to).map(Math.abs)) });
    }
  }
  return {
    panels: [
      {
        kind: "chart",
        title: "Losses of the two tasks, and M(θ) after ten inner steps",
        x: { label: "θ" },
        y: { label: "loss", min: 0 },
        series: [...f, { name: "M, the mean of both after adaptation", place: 7, points: m }],
      },
      {
        kind: "chart",
        title: `M(θ) where ${context.starts} descents of each method end after 10,000 outer steps`,
        x: { label: "θ", ...near },
        y: { label: "M(θ)" },
        series: [{ name: "M", points: close, place: 7 }, ...ends],
        marks: [{ kind: "best", label: "∇M = 0", x: stationary, y: lowest }],
      },
    ],
    table: {
      columns: ["method", "θ at the end, median", "mean |∇M|"],
      rows: found.map(({ method, theta, meanGradientNorm }) => [method, short(quantiles(theta, [0.5])[0]), short(meanGradientNorm)]),
      note: `∇M = 0 at θ = ${short(stationary)}; the mean first-order gradient is 0 at θ = ${short(firstOrderFixedPoint)}.`,
    },
    numbers: {
      stationary: rounded(stationary),
      firstOrderFixedPoint: rounded(firstOrderFixedPoint),
      objective: m.map(point => point.map(rounded)),
      ends: found.map(end => ({ ...end, meanGradientNorm: rounded(end.meanGradientNorm) })),
    },
  };
}

export default { name: "objective", title, starts: 40, make } satisfies PaperFigure;
