import type { Table } from "../problems/figure.js";
import type { HeldOut, RunRecord } from "../problems/problem-entry.js";
import { duration, meanAndSpread, plusMinus, short, whole, words } from "./format.js";
import { intervalOf, withoutHalves } from "./halves.js";

/** How the runs of a comparison are told apart and judged. */
export interface Judging {
  /** Names of the options that are varied. */
  readonly varied: readonly string[];
  /** Whether the problem's own `evaluate` gave the metrics; otherwise they are the last step's, by which nobody is judged. */
  readonly measured: boolean;
}

const total = ({ counts }: RunRecord): number => counts.step + counts.product + counts.outer;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
export const valueOf = ({ options = {} }: RunRecord, name: string): string => String(options[name]);

/** What runs are averaged under: the estimator and the varied options. */
export const nameOfRun = (record: RunRecord, varied: readonly string[]): string =>
  [record.estimator, ...varied.map(name => `${name}=${valueOf(record, name)}`)].join(" ");

/** `32 held-out tasks`, or the only one. */
export const heldOutTasks = ({ tasks }: HeldOut): string => (tasks === 1 ? "the problem's one task" : `${tasks} held-out tasks`);

/** The columns of figures: the metrics, without half intervals that stand beside them, and the loss on held-out tasks. */
export function figureColumns(records: readonly RunRecord[], { measured }: Judging) {
  const metrics = withoutHalves([...new Set(records.flatMap(record => Object.keys(record.metrics)))]);
  const held = records.flatMap(({ heldOut }) => (heldOut === undefined ? [] : [heldOut]));
  const shown = held.length > 0 && !measured ? [] : metrics;
  const of = (name: string, title: string, value: (record: RunRecord) => number | undefined) => ({ name, title, value });
  return [
    ...(held.length === 0
      ? []
      : [of("heldOut", held.some(({ tasks }) => tasks > 1) ? "held-out loss" : "final loss", record => record.heldOut?.loss)]),
    ...shown.map(name => of(name, words(name), record => record.metrics[name])),
  ];
}

/** What the figures are, in sentences below a table. */
function noteOf(records: readonly RunRecord[], several: boolean): string | undefined {
  const held = records.find(({ heldOut }) => heldOut !== undefined)?.heldOut;
  const seeds = new Set(records.map(record => record.seed)).size;
  const judged =
    held === undefined
      ? ""
      : held.tasks === 1
        ? "Final loss: the outer loss of each run's final θ on the problem's one task."
        : `Held-out loss: mean outer loss of each run's final θ on the same ${held.tasks} tasks, drawn apart from those of training.`;
  const over = several && seeds > 1 ? `Mean ± standard deviation over ${seeds} seeds.` : "";
  const note = [judged, over].filter(text => text !== "").join(" ");
  return note === "" ? undefined : note;
}

/** One row for each estimator and each value of the varied options: its figures over seeds, and what it took on average. */
export function compareTable(records: readonly RunRecord[], judging: Judging): Table {
  const { varied } = judging;
  const names = [...new Set(records.map(record => nameOfRun(record, varied)))];
  const figures = figureColumns(records, judging);
  const isCharged = records.some(record => record.charged !== undefined);
  const rows = names.map(name => {
    const runs = records.filter(record => nameOfRun(record, varied) === name);
    const cells = figures.map(({ value }) => {
      const values = runs.flatMap(run => value(run) ?? []);
      return values.length > 0 ? meanAndSpread(values) : "";
    });
    const outcomes = [...new Set(runs.map(run => run.outcome))].join(", ");
    const charges = runs.flatMap(run => run.charged ?? []);
    const cost = [mean(runs.map(run => run.outerSteps)), mean(runs.map(total))].map(whole);
    return [
      runs[0].estimator,
      ...varied.map(option => valueOf(runs[0], option)),
      ...cells,
      ...cost,
      ...(isCharged ? [charges.length > 0 ? whole(mean(charges)) : ""] : []),
      duration(mean(runs.map(run => run.seconds))),
      whole(Math.max(...runs.map(run => run.peakStates))),
      outcomes,
    ];
  });
  const note = noteOf(records, true);
  const titles = figures.map(({ title }) => title);
  return {
    columns: [
      "estimator",
      ...varied,
      ...titles,
      "outer steps",
      "evaluations",
      ...(isCharged ? ["charged"] : []),
      "time",
      "most states",
      "outcome",
    ],
    rows,
    ...(note === undefined ? {} : { note }),
  };
}

/** One row for each run, which leads to its report. */
export function runsTable(records: readonly RunRecord[], judging: Judging, links: readonly string[]): Table {
  const { varied } = judging;
  const figures = figureColumns(records, judging);
  const cell = (x: number | undefined, record: RunRecord, name: string): string => {
    const { standardError = 0, tasks = 1 } = name === "heldOut" ? (record.heldOut ?? {}) : {};
    const half = record.metrics[intervalOf(name)] as number | undefined;
    if (x !== undefined && half !== undefined) return plusMinus(x, half);
    return x === undefined ? "" : tasks > 1 ? plusMinus(x, standardError) : short(x);
  };
  const several = figures.some(({ name }) => name === "heldOut") && records.some(({ heldOut }) => (heldOut?.tasks ?? 1) > 1);
  const halves = records.some(({ metrics }) => figures.some(({ name }) => Object.hasOwn(metrics, intervalOf(name))));
  return {
    title: "Runs",
    columns: ["run", "seed", ...varied, ...figures.map(({ title }) => title), "outer steps", "time", "outcome"],
    rows: records.map(record => [
      record.estimator,
      String(record.seed),
      ...varied.map(option => valueOf(record, option)),
      ...figures.map(({ value, name }) => cell(value(record), record, name)),
      whole(record.outerSteps),
      duration(record.seconds),
      record.outcome,
    ]),
    links,
    note: `Each leads to its own report.${several ? " ± is the standard error over the held-out tasks." : ""}${halves ? " ± behind a figure of the problem's is half of its 95 % interval." : ""}`,
  };
}
