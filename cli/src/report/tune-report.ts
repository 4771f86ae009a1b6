import type { Chart, Table } from "../problems/figure.js";
import type { Table as DataTable } from "../tables/columns.js";
import { describeTable } from "../tables/describe.js";
import { interval, methodsTable, numbersTable, scoreNames, sentences } from "../tuning/output.js";
import type { Predictions } from "../tuning/predict.js";
import type { TuneSettings } from "../tuning/settings.js";
import type { Tuned } from "../tuning/tune.js";
import { duration, whole } from "./format.js";
import { renderPage } from "./page.js";

/** What a report of a tuning needs. */
export interface TuneReportInput {
  readonly tuned: Tuned;
  readonly table: DataTable;
  readonly settings: TuneSettings;
  readonly seconds: number;
  readonly outcome: "finished" | "budget" | "stopped";
  readonly tested?: Predictions;
  readonly command: string;
  readonly version: string;
}

/** The lowest loss that each method had found, against its work. */
function curves({ methods }: Tuned): Chart[] {
  const drawn = methods.filter(({ curve }) => curve.length > 0);
  if (drawn.length === 0) return [];
  return [
    {
      kind: "chart",
      title: "Lowest loss so far",
      caption: "On the folds that were searched on, so that whoever has more to choose looks better here than on other rows.",
      x: { label: "work, in inner steps on a fold" },
      y: { label: "loss" },
      series: drawn.map(({ name, curve }) => ({ name, points: curve })),
    },
  ];
}

/** Penalties by hypergradients, each group beside the one that a search found for all. */
function penalties({ methods, groups }: Tuned): Chart[] {
  const learned = methods.find(({ name }) => name === "hypergradient");
  if (learned === undefined || groups.names.length < 2) return [];
  const sorted = Array.from(groups.names.keys(), i => learned.numbers.penalties[i]).sort((a, b) => a - b);
  const one = methods.filter(({ name }) => name !== "hypergradient" && name !== "untuned");
  // A search's penalty may lie orders of magnitude from all of the groups': the axis reaches both.
  const drawn = [...sorted, ...one.map(({ numbers }) => numbers.penalties[0])].filter(y => y > 0).map(Math.log10);
  return [
    {
      kind: "chart",
      title: "Penalties of groups",
      caption: "In ascending order; dashed, the one penalty that each search found for all. A group with a large λ is left out in effect.",
      x: { label: "groups" },
      y: { label: "λ", scale: "log", min: 10 ** Math.floor(Math.min(...drawn)), max: 10 ** Math.ceil(Math.max(...drawn)) },
      series: [{ name: "hypergradient", points: sorted.map((y, i) => [i + 1, y] as const), style: "points" }],
      levels: one.map(({ name, numbers }) => ({ label: name, y: numbers.penalties[0] })),
    },
  ];
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
  const { tuned, table, settings, seconds, outcome, tested, command, version } = input;
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
    outcome: { word: tuned.chosen, good: outcome !== "stopped", message: sentences(tuned).join(" ") },
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
