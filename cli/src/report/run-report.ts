import type { Figure, Table } from "../problems/figure.js";
import type { Built, RunRecord } from "../problems/problem-entry.js";
import { duration, short, whole, words } from "./format.js";
import { renderPage } from "./page.js";
import { stepChart } from "./series.js";

/** What a report of a run needs besides the run. */
export interface RunReportInput {
  readonly record: RunRecord;
  readonly built: Built;
  readonly summary: string;
  readonly tables: readonly Table[];
  readonly settings: readonly (readonly [string, string])[];
  readonly commands: readonly string[];
  readonly version: string;
}

/** Loss, the problem's headline, gradient norm, probability where it changes; then the problem's own figures. */
function figures(record: RunRecord, built: Built): Figure[] {
  const { steps } = record;
  const runs = [record];
  const { headline } = built;
  const changes = steps.some(step => step.probability !== steps[0].probability);
  return [
    stepChart("Outer loss", "outer loss", runs, step => step.loss, { caption: "Of the step's meta-batch, before its update." }),
    ...(headline === undefined
      ? []
      : [
          stepChart(headline.label, headline.label, runs, step => step.tracked?.[headline.metric], {
            scale: headline.scale,
            levels: headline.levels,
          }),
        ]),
    stepChart("Norm of the estimated gradient", "‖G‖", runs, step => step.gradientNorm, { scale: "log" }),
    ...(changes ? [stepChart("Probability of the exact gradient", "q", runs, step => step.probability, { scale: "linear" })] : []),
    ...(record.outcome === "stopped" ? [] : (built.figures?.(record) ?? [])),
  ];
}

const good = { finished: true, budget: true, stopped: false, diverged: false } as const;

/** The report of a run as one HTML file. */
export async function runReport({ record, built, summary, tables, settings, commands, version }: RunReportInput): Promise<string> {
  const { counts, outcome, message, steps, best, warning } = record;
  const metrics = Object.entries(record.metrics).slice(0, 6);
  const last = steps.at(-1);
  return renderPage({
    title: record.problem,
    subtitle: summary,
    outcome: {
      word: outcome,
      good: good[outcome] && warning === undefined,
      message: [message, ...(warning === undefined ? [] : [warning])].join(" "),
    },
    tiles: [
      ...(metrics.length > 0 ? metrics.map(([name, x]) => ({ label: words(name), value: short(x) })) : []),
      ...(last === undefined || "loss" in record.metrics ? [] : [{ label: "last outer loss", value: short(last.loss) }]),
      ...(best === undefined
        ? []
        : [{ label: `best ${best.criterion}, after ${whole(best.index)} outer steps`, value: short(best.value) }]),
      { label: "gradient evaluations", value: whole(counts.step + counts.product + counts.outer) },
      { label: "time", value: duration(record.seconds) },
      { label: "most states held", value: whole(record.peakStates) },
    ],
    protocol: built.protocol ?? [],
    tables,
    figures: figures(record, built),
    settings,
    commands,
    footer: `Made by ufom ${version} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers.`,
  });
}
