import { biasBound, defineProblem, hypergradient, np } from "ufom";
import type { HostArray, Problem } from "ufom";
import type { Chart, Series } from "../problems/figure.js";
import { slope } from "../problems/toy/family.js";
import { short } from "../report/format.js";
import { gradientsByTask } from "./descents.js";
import type { FigureContext, MadeFigure, PaperFigure } from "./figure.js";
import type { Batch } from "./many-starts.js";
import { float64, manyStarts } from "./many-starts.js";
import { decades, geometrically, mean, rounded } from "./numbers.js";
import { problemAt, starts } from "./trade-off-experiment.js";

const title = "The bound 𝔻 on first-order's bias, and the bias that is there";
const alphas = geometrically(0.001, 0.1, 13);
const lengths = decades(1, 100, 8);
/** r where α varies, α where r does. */
const usual = { steps: 10, rate: 0.01 } as const;

/** What the bound promises for a loop of some rate and length; what was found. */
interface Point {
  readonly rate: number;
  readonly steps: number;
  readonly bound: number;
  /** The bias of the concave problem. */
  readonly worst: number;
  /** Of the scalar problem: the largest over θ in the range and both tasks, and D. */
  readonly largest: number;
  readonly d: number;
}

const tasks = problemAt(usual.rate).tasks;
/** No slope of a task is steeper on the range of the starts, which the inner loop does not leave; no curvature is larger. */
const l1 = Math.max(...tasks.flatMap(task => [starts.low, starts.high].map(x => Math.abs(slope(task, x)))));
const l2 = Math.max(...tasks.map(({ a }) => a));
const m1 = 1;

/**
 * A problem that has the bias that the bound allows: θ in the start and in a concave inner loss, −(L₂/2)(φ + θ)², and the straight outer loss L₁·φ. A number of θ
 * for each rate.
 */
function concave(rates: readonly number[]): Problem<HostArray, HostArray> {
  const shape = [rates.length];
  return defineProblem({
    name: "a concave inner loss",
    theta: () => float64(shape, new Float64Array(rates.length).fill(1)),
    task: () => float64([], new Float64Array(1)),
    init: theta => theta,
    inner: {
      loss: (theta, phi) =>
        np
          .square(phi.add(theta))
          .sum()
          .mul(-l2 / 2),
      rate: () => np.array(float64(shape, Float64Array.from(rates))),
      steps: usual.steps,
    },
    outer: (_, phi) => phi.sum().mul(l1),
  });
}

/** All rates at one length of the inner loop. */
async function measure(rates: readonly number[], steps: number, context: FigureContext): Promise<Point[]> {
  const batch: Batch = { scalar: problemAt(usual.rate), rates, extents: [rates.length, 1, context.starts], starts },
    problem = manyStarts(batch),
    found = await gradientsByTask(batch, problem, problem.theta(context.seed).x, { ...context, innerSteps: steps }),
    hollow = concave(rates),
    [exact, cheap] = await Promise.all(
      (["exact", "first-order"] as const).map(estimator =>
        hypergradient(hollow, { estimator, innerSteps: steps, dtype: "float64", executor: context.executor }),
      ),
    );
  return rates.map((rate, r) => {
    const differences = found.map(({ exact: target, firstOrder }) =>
      target.subarray(r * context.starts, (r + 1) * context.starts).map((g, s) => Math.abs(g - firstOrder[r * context.starts + s])),
    );
    return {
      rate,
      steps,
      bound: biasBound({ l1, l2, m1, rate, steps }),
      worst: Math.abs(exact.gradient.data[r] - cheap.gradient.data[r]),
      largest: Math.max(...differences.map(each => each.reduce((most, x) => Math.max(most, x), 0))),
      d: Math.sqrt(mean(differences.map(each => mean(each.map(x => x * x))))),
    };
  });
}

function chart(heading: string, x: Chart["x"], points: readonly Point[], at: (point: Point) => number): Chart {
  const line = (name: string, place: number, of: keyof Point, style: Series["style"] = "line"): Series => ({
    name,
    place,
    style,
    points: points.map(point => [at(point), point[of]] as const),
  });
  return {
    kind: "chart",
    title: heading,
    x,
    y: { label: "‖G_exact − G_FO‖", scale: "log" },
    series: [
      line("𝔻, the bound", 7, "bound"),
      line("a concave inner loss", 1, "worst", "points"),
      line("the two tasks, largest", 0, "largest"),
      line("the two tasks, D", 5, "d"),
    ],
  };
}

async function make(context: FigureContext): Promise<MadeFigure> {
  const byRate = await measure(alphas, usual.steps, context),
    byLength: Point[] = [];
  for (const steps of lengths) byLength.push(...(await measure([usual.rate], steps, context)));
  const columns = (points: readonly Point[]) =>
    points.map(({ rate, steps, ...numbers }) => ({ rate: rounded(rate), steps, ...mapped(numbers, rounded) }));
  return {
    panels: [
      chart(
        `Against α, for ${usual.steps} inner steps`,
        { label: "inner step size α", scale: "log", max: alphas.at(-1)! },
        byRate,
        p => p.rate,
      ),
      chart(`Against r, at α = ${usual.rate}`, { label: "inner steps r", scale: "log", max: lengths.at(-1)! }, byLength, p => p.steps),
    ],
    table: {
      columns: ["α", "r", "𝔻", "concave", "largest", "D"],
      rows: [byRate[0], byRate.at(-1)!, byLength[0], byLength.at(-1)!].map(({ rate, steps, bound, worst, largest, d }) =>
        [rate, steps, bound, worst, largest, d].map(short),
      ),
      note: `L₁ = ${short(l1)}, L₂ = ${l2}, M₁ = ${m1}.`,
    },
    numbers: { l1: rounded(l1), l2, m1, againstRate: columns(byRate), againstLength: columns(byLength) },
  };
}

const mapped = <K extends string>(numbers: Readonly<Record<K, number>>, f: (x: number) => number) =>
  Object.fromEntries(Object.entries<number>(numbers).map(([name, x]) => [name, f(x)]));

export default { name: "bias-bound", title, starts: 2000, make } satisfies PaperFigure;
