import type { Chart, Figure, Mark } from "../problems/figure.js";
import type { Built, RunRecord } from "../problems/problem-entry.js";
import { bestOf, runningMeans } from "./best.js";
import { diagnosisCharts } from "./diagnosis-charts.js";
import { short, words } from "./format.js";
import { axisOf } from "./axis.js";
import { trackedAlong } from "./tracked-means.js";
import { withoutHalves } from "./halves.js";
import { against, averaged, stepChart, workChart } from "./series.js";

/** More figures of `track` than these are named, not drawn. */
const mostTracked = 16;
/** More lines than these have no list of names: the values under the cursor name them. */
const mostNamed = 8;

/** Where the best value lies on the line of outer losses. */
function bestMark(record: RunRecord): Mark[] {
  const best = bestOf(record);
  const step = record.steps.find(({ index }) => index === best?.index);
  if (best === undefined || step === undefined) return [];
  const [[x, loss]] = against([step], s => (Number.isFinite(s.loss) ? s.loss : undefined)).concat([[NaN, NaN]]);
  const y = best.criterion.includes("outer loss") ? best.value : loss;
  return Number.isFinite(x) && Number.isFinite(y) ? [{ kind: "best", label: "best", x, y }] : [];
}

/** What the best value of a run is, as a sentence for the caption. */
function bestCaption(record: RunRecord): string {
  const best = bestOf(record);
  return best === undefined ? "" : ` Best: ${short(best.value)} at step ${best.index} (${best.criterion}).`;
}

/** The figures that `track` measured, one chart each; the headline first, with its own axis. */
function tracked(record: RunRecord, { headline }: Built): Chart[] {
  const names = withoutHalves([...new Set(record.steps.flatMap(step => Object.keys(step.tracked ?? {})))]);
  const others = names.filter(name => name !== headline?.metric);
  const drawn = others.slice(0, mostTracked);
  const left = others.slice(mostTracked);
  const charts = drawn.map((name, i) => {
    const { value, caption } = trackedAlong([record], name),
      undrawn = i === drawn.length - 1 && left.length > 0 ? `Not drawn: ${left.map(words).join(", ")}; metrics.jsonl has them.` : undefined;
    return stepChart(words(name), words(name), [record], value, { caption: [caption, undrawn].filter(Boolean).join(" ") || undefined });
  });
  if (headline === undefined) return charts;
  const { metric, label, scale, levels } = headline;
  const { value, caption } = trackedAlong([record], metric);
  return [stepChart(label, axisOf(headline), [record], value, { scale, levels, caption }), ...charts];
}

/** The outer loss of each step and its running mean, on which the best value is marked. */
function lossChart(record: RunRecord): Chart {
  const { width, means } = runningMeans(record.steps);
  const each = averaged("outer loss", [against(record.steps, step => step.loss)]);
  const mean = new Map(means);
  const smooth = averaged(`mean of ${width} steps`, [against(record.steps, step => mean.get(step))]);
  return workChart("Outer loss", "outer loss", width > 1 ? [each, smooth] : [each], {
    caption: `Of the step's meta-batch, before its update.${bestCaption(record)}`,
    marks: bestMark(record),
  });
}

/** Small leaves of θ along the way, a line for each number. */
function leaves({ steps }: RunRecord): Chart[] {
  const seen = steps.filter(step => step.theta !== undefined);
  const names = Object.keys(seen.at(-1)?.theta ?? {});
  return names.map(name => {
    const title = name === "θ" ? "θ" : `θ.${name}`;
    const numbers = seen.at(-1)!.theta![name].length;
    const series = Array.from({ length: numbers }, (_, i) => ({
      name: numbers === 1 ? title : `${name}[${i}]`,
      points: against(seen, step => step.theta?.[name]?.[i]),
    }));
    return workChart(title, title, series, {
      caption: numbers > mostNamed ? `A line for each of its ${numbers} numbers; the values under the cursor name them.` : undefined,
    });
  });
}

/** Loss with its best value, what was tracked, small leaves of θ, gradient norm, what was seen of UFOM's gradients; then the problem's own. */
export function runFigures(record: RunRecord, built: Built): Figure[] {
  const runs = [record];
  return [
    lossChart(record),
    ...tracked(record, built),
    ...leaves(record),
    stepChart("Norm of the estimated gradient", "‖G‖", runs, step => step.gradientNorm, { scale: "log" }),
    ...diagnosisCharts(runs),
    ...(record.outcome === "stopped" ? [] : (built.figures?.(record) ?? [])),
  ];
}
