import type { Table } from "../problems/figure.js";
import type { Table as DataTable } from "../tables/columns.js";
import { describeTable } from "../tables/describe.js";
import { interval, methodsTable, numbersTable, scoreNames, sentences } from "../tuning/output.js";
import type { Predictions } from "../tuning/predict.js";
import type { TuneSettings } from "../tuning/settings.js";
import type { Tuned } from "../tuning/tune.js";
import { duration, whole } from "./format.js";
import { renderPage } from "./page.js";
import { curves, penalties } from "./tune-charts.js";

/** What a report of a tuning needs. */
export interface TuneReportInput {
  readonly tuned: Tuned;
  readonly table: DataTable;
  readonly settings: TuneSettings;
  readonly seconds: number;
  readonly tested?: Predictions;
  readonly command: string;
  readonly version: string;
}

const heldOutTile = (tuned: Tuned, balanced: boolean) => {
  const kept = tuned.methods.find(({ name }) => name === tuned.chosen)!;
  const scores = kept.heldOut ?? kept.crossValidated;
  const names = scoreNames(tuned.target, balanced);
  return {
    label: `${names.accuracy} ${kept.heldOut === undefined ? "cross-validated" : "on held-out rows"}`,
    value: interval(scores.accuracy),
  };
};

/** The report of a tuning as one HTML file. */
export async function tuneReport(input: TuneReportInput): Promise<string> {
  const { tuned, table, settings, seconds, tested, command, version } = input;
  const test: Table[] =
    tested?.scores === undefined
      ? []
      : [
          {
            title: `Test: ${tested.file}`,
            columns: ["rows", ...Object.values(scoreNames(tuned.target, settings.balanced))],
            rows: [[whole(tested.scores.rows), interval(tested.scores.loss), interval(tested.scores.accuracy)]],
          },
        ];
  return renderPage({
    title: `${table.file}: a model of ${tuned.target.name}`,
    subtitle: `${settings.model === "linear" ? "A linear model" : `An MLP of ${settings.hidden} hidden units`}, hyperparameters by hypergradients beside searches with the same work`,
    outcome: { word: tuned.chosen, good: tuned.outcome !== "stopped", message: sentences(tuned).join(" ") },
    tiles: [
      heldOutTile(tuned, settings.balanced),
      { label: "rows", value: whole(tuned.rows.all) },
      { label: "features", value: whole(tuned.architecture.width) },
      { label: "time", value: duration(seconds) },
    ],
    protocol: [
      ...describeTable(table)
        .split("\n")
        .slice(0, 2)
        .filter(line => line !== ""),
      ...table.notes,
      ...tuned.notes,
    ],
    tables: [methodsTable(tuned, settings.balanced), ...test],
    figures: [...curves(tuned), ...penalties(tuned)],
    after: [numbersTable(tuned)],
    settings: Object.entries(settings).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]),
    commands: [command],
    footer: `Made by ufom ${version} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers, but for times.`,
  });
}
