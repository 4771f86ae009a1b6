import type { Figure } from "../problems/figure.js";
import type { Built, RunRecord, StepRecord } from "../problems/problem-entry.js";
import { nameOfRun, runsTable } from "./compare-table.js";
import { compareTables } from "./compare-tables.js";
import { diagnosisCharts } from "./diagnosis-charts.js";
import { axisOf } from "./axis.js";
import { trackedAlong } from "./tracked-means.js";
import { withoutHalves } from "./halves.js";
import { duration, whole, words } from "./format.js";
import { renderPage } from "./page.js";
import { clock, counted, stepChart, workOf, type ChartStyle } from "./series.js";

export interface CompareReportInput {
  readonly problem: string;
  readonly summary: string;
  readonly built: Built;
  readonly records: readonly RunRecord[];
  /** Names of the options that are varied. */
  readonly varied: readonly string[];
  /** Whether the problem's own `evaluate` judges. */
  readonly measured: boolean;
  /** Where each run's report lies, relative to this one. */
  readonly links: readonly string[];
  /** In words: `42,000 gradient evaluations each`. */
  readonly budget: string;
  readonly settings: readonly (readonly [string, string])[];
  readonly commands: readonly string[];
  readonly version: string;
}

/**
 * The pictures of a comparison: the problem's headline, or the outer loss, against the evaluations, as they are charged and as we count them, and
 * against the time; then what else was tracked, and what was seen of gradients.
 */
function figures({ built, records, varied }: CompareReportInput): Figure[] {
  const nameOf = (record: RunRecord) => nameOfRun(record, varied);
  const several = new Set(records.map(record => record.seed)).size > 1;
  const caption = several ? "Mean over seeds; the band reaches from the smallest to the largest." : undefined;
  const { headline } = built;
  const work = workOf(records);
  const names = [...new Set(records.map(nameOf))];
  const style = { nameOf, names, work };
  /** A chart against each of what was spent. */
  const against = (title: string, label: string, value: (step: StepRecord) => number | undefined, rest: ChartStyle = {}) =>
    [
      { one: work, by: "" },
      ...(work === counted ? [] : [{ one: counted, by: ", by our own count" }]),
      { one: clock, by: ", by the clock" },
    ].map(({ one, by }) => stepChart(`${title}${by}`, label, records, value, { caption, ...rest, ...style, work: one }));
  const tracked = withoutHalves([...new Set(records.flatMap(({ steps }) => steps.flatMap(step => Object.keys(step.tracked ?? {}))))]);
  /** What is said of all charts, then of one. */
  const captioned = (own?: string) => [caption, own].filter(Boolean).join(" ") || undefined;
  const others = tracked
    .filter(name => name !== headline?.metric)
    .map(name => {
      const { value, caption: own } = trackedAlong(records, name);
      return stepChart(words(name), words(name), records, value, { caption: captioned(own), ...style });
    });
  const seen = diagnosisCharts(records, style);
  const loss = (step: StepRecord) => step.loss;
  if (headline === undefined) return [...against("Outer loss", "outer loss", loss), ...others, ...seen];
  const { metric, label, scale, levels } = headline;
  const { value, caption: own } = trackedAlong(records, metric);
  return [
    ...against(label, axisOf(headline), value, { scale, levels, xScale: scale, caption: captioned(own) }),
    stepChart("Outer loss", "outer loss", records, loss, { caption, ...style }),
    ...others,
    ...seen,
  ];
}

/** The report of a comparison as one HTML file. */
export async function compareReport(input: CompareReportInput): Promise<string> {
  const { problem, summary, built, records, varied, measured, links, budget, settings, commands, version } = input;
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
  return renderPage({
    title: `${problem}: ${varied.length > 0 ? `${varied.join(", ")} and ` : ""}estimators at equal cost`,
    subtitle: summary,
    tiles: [
      { label: "budget of each run", value: budget },
      { label: "runs", value: whole(records.length) },
      { label: "time of all", value: duration(seconds) },
    ],
    protocol: built.protocol ?? [],
    tables: compareTables(records, built, { varied, measured }),
    figures: figures(input),
    after: [runsTable(records, { varied, measured }, links)],
    settings,
    commands,
    footer: `Made by ufom ${version} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers.`,
  });
}
