import type { Series } from "../problems/figure.js";
import { divergenceProblem } from "../problems/toy/family.js";
import { short, whole } from "../report/format.js";
import { descend } from "./descents.js";
import type { FigureContext, MadeFigure, PaperFigure } from "./figure.js";
import type { Batch } from "./many-starts.js";
import { firstOrder, ufom } from "./methods.js";
import type { Spread } from "./numbers.js";
import { decades, rounded, spreadOf } from "./numbers.js";

const title = "|∇M| against outer steps: first-order settles, UFOM goes to 0";
const methods = [firstOrder, ufom(0.1)];
const at = decades(1, 10_000, 12);

async function make(context: FigureContext): Promise<MadeFigure> {
  const scalar = divergenceProblem(),
    batch: Batch = { scalar, starts: { low: -10, high: 30 }, extents: [1, methods.length, context.starts] },
    norms: (Spread & { readonly k: number })[][] = methods.map(() => []);
  for await (const { k, gradient } of descend({ batch, probabilities: methods.map(({ q }) => q), at }, context))
    for (const [i, list] of norms.entries())
      list.push({ k, ...spreadOf(gradient.slice(i * context.starts, (i + 1) * context.starts).map(Math.abs)) });
  const series = methods.map(({ name, place }, i): Series => ({
    name,
    place,
    points: norms[i].map(({ k, mean }) => [k, mean]),
    band: norms[i].map(({ k, low, high }) => [k, low, high]),
  }));
  const { gradientNormThere } = scalar;
  return {
    panels: [
      {
        kind: "chart",
        title: `Mean over ${whole(context.starts)} starts; in the band lie eight of ten`,
        x: { label: "outer step k", scale: "log" },
        y: { label: "|∇M(θ)|", scale: "log" },
        series,
        levels: [{ label: "√(2D)", y: gradientNormThere }],
      },
    ],
    table: {
      columns: ["method", "mean |∇M| after 100", "1,000", "10,000 outer steps"],
      rows: methods.map(({ name }, i) => [name, ...[100, 1000, 10_000].map(k => short(norms[i].find(one => one.k === k)!.mean))]),
      note: `√(2D) = ${short(gradientNormThere)}.`,
    },
    numbers: {
      level: rounded(gradientNormThere),
      outerSteps: at,
      methods: methods.map(({ name, q }, i) => ({
        name,
        q,
        mean: norms[i].map(one => rounded(one.mean)),
        low: norms[i].map(one => rounded(one.low)),
        high: norms[i].map(one => rounded(one.high)),
      })),
    },
  };
}

export default { name: "convergence", title, starts: 1000, make } satisfies PaperFigure;
