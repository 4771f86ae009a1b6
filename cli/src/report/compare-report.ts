import type { Figure, Table } from "../problems/figure.js";
import type { Built, RunRecord } from "../problems/problem-entry.js";
import { duration, meanAndSpread, whole, words } from "./format.js";
import { renderPage } from "./page.js";
import { stepChart } from "./series.js";

export interface CompareReportInput {
  readonly problem: string;
  readonly summary: string;
  readonly built: Built;
  readonly records: readonly RunRecord[];
  /** In words: `42,000 gradient evaluations each`. */
  readonly budget: string;
  readonly settings: readonly (readonly [string, string])[];
  readonly commands: readonly string[];
  readonly version: string;
}

const total = ({ counts }: RunRecord): number => counts.step + counts.product + counts.outer;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** One row an estimator: its figures over seeds, and what it took on average. */
export function compareTable(records: readonly RunRecord[]): Table {
  const names = [...new Set(records.map(record => record.estimator))];
  const metrics = [...new Set(records.flatMap(record => Object.keys(record.metrics)))];
  const rows = names.map(name => {
    const runs = records.filter(record => record.estimator === name);
    const figures = metrics.map(metric => {
      const values = runs.flatMap(run => (metric in run.metrics ? [run.metrics[metric]] : []));
      return values.length > 0 ? meanAndSpread(values) : "";
    });
    const outcomes = [...new Set(runs.map(run => run.outcome))].join(", ");
    const cost = [mean(runs.map(run => run.outerSteps)), mean(runs.map(total))].map(whole);
    return [
      name,
      ...figures,
      ...cost,
      duration(mean(runs.map(run => run.seconds))),
      whole(Math.max(...runs.map(run => run.peakStates))),
      outcomes,
    ];
  });
  const seeds = new Set(records.map(record => record.seed)).size;
  return {
    columns: ["estimator", ...metrics.map(words), "outer steps", "evaluations", "time", "most states", "outcome"],
    rows,
    ...(seeds > 1 ? { note: `Mean ± standard deviation over ${seeds} seeds.` } : {}),
  };
}

/** The one picture of a comparison: the problem's headline, or the outer loss, against the evaluations. */
function figures({ built, records }: CompareReportInput): Figure[] {
  const several = new Set(records.map(record => record.seed)).size > 1;
  const caption = several ? "Mean over seeds; the band reaches from the smallest to the largest." : undefined;
  const { headline } = built;
  const loss = stepChart("Outer loss", "outer loss", records, step => step.loss, { caption });
  if (headline === undefined) return [loss];
  const { metric, label, scale, levels } = headline;
  return [stepChart(label, label, records, step => step.tracked?.[metric], { scale, levels, caption, xScale: scale }), loss];
}

/** The report of a comparison as one HTML file. */
export async function compareReport(input: CompareReportInput): Promise<string> {
  const { problem, summary, built, records, budget, settings, commands, version } = input;
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
  return renderPage({
    title: `${problem}: estimators at equal cost`,
    subtitle: summary,
    tiles: [
      { label: "budget of each run", value: budget },
      { label: "runs", value: whole(records.length) },
      { label: "time of all", value: duration(seconds) },
    ],
    protocol: built.protocol ?? [],
    tables: [compareTable(records)],
    figures: figures(input),
    settings,
    commands,
    footer: `Made by ufom ${version} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers.`,
  });
}
