import { whole } from "../report/format.js";
import type { Share } from "../cleaning/held-out-accuracy.js";
import type { WrongCount } from "../cleaning/count.js";
import type { CheckedBin } from "../cleaning/reliability.js";
import type { Table } from "../problems/figure.js";
import type { Column } from "../tables/columns.js";
import { isCategory, isFeature, isNumeric } from "../tables/columns.js";
import { summaryOf } from "../tables/describe.js";
import { short } from "../report/format.js";
import { fitting, textWidth } from "../text-width.js";
import { quantity } from "ufom/internal/tensor/quantity";
import type { RowAnswer } from "./answer.js";
import { confusionOf, suspectsOf, wrongCount } from "./answer.js";
import type { Found, Verdict } from "./find.js";
import type { ReadFile, Rows } from "./read.js";

/** All that is known at the end, for the terminal, the report and `--json`. */
export interface Cleaned {
  readonly file: ReadFile;
  readonly rows: Rows;
  readonly found: Found;
  readonly verdict: Verdict;
  readonly answers: ReadonlyMap<number, number>;
  readonly perRow: readonly RowAnswer[];
  readonly method: string;
  readonly seed: number;
  readonly seconds: number;
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const points = (x: number): string => `${x < 0 ? "−" : "+"}${Math.abs(100 * x).toFixed(1)}`;
const share = ({ value, low, high }: Share): string => `${percent(value)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;

const onOneLine = (text: string): string => text.trim().replaceAll(/\s+/g, " ");

/** What a cell holds, as it is shown beside a suspect. */
export function cellText(column: Column, row: number): string {
  if (isCategory(column)) return column.codes[row] < 0 ? "" : onOneLine(column.levels[column.codes[row]]);
  if (isNumeric(column)) {
    const x = column.values[row];
    if (Number.isNaN(x)) return "";
    return column.type === "date" ? new Date(Math.round(x * 86_400_000)).toISOString().slice(0, 10) : short(x);
  }
  const { raw } = column;
  if (raw.kind === "text") return onOneLine(raw.cells.at(row));
  return Number.isNaN(raw.values[row]) ? "" : String(raw.values[row]);
}

/** What names a row: its picture, or its number in the file. */
export const rowName = ({ table }: Pick<ReadFile, "table">, row: number): string => table.files?.[row] ?? String(table.rowNumbers[row] + 1);

/** A file, whatever its labels say. */
export type ShownFile = Pick<ReadFile, "table" | "beside"> & { readonly label: { readonly name: string } };

/** Columns that are shown beside suspects: ids and texts first, which name rows, then features; none of pictures. */
export function shownColumns({ table, beside, label }: ShownFile, most: number): Column[] {
  if (table.files !== undefined) return [];
  const names = beside.filter(({ type }) => type === "id" || type === "text"),
    features = beside.filter(isFeature),
    // Of embeddings nobody sees anything: what the file has beside its label is shown.
    others = features.length === 0 ? beside.filter(({ type }) => type === "ignored") : [];
  return [...names.slice(0, 2), ...features, ...others].filter(({ name }) => name !== label.name).slice(0, most);
}

const longestCell = 24;
export const cut = (text: string): string => (textWidth(text) > longestCell ? `${fitting(text, longestCell - 1)}…` : text);

/** Names of classes on one line, and short where that still tells them apart. */
function shortNames(classes: readonly string[]): string[] {
  const short = classes.map(name => cut(onOneLine(name)));
  return new Set(short).size === classes.length ? short : classes.map(onOneLine);
}

/** Some rows with given and suggested label, the first of a list. */
export function rowTable(cleaned: Cleaned, title: string, rows: readonly number[], most: number, columns: number): Table {
  const { file, perRow } = cleaned,
    classes = shortNames(file.label.classes),
    beside = shownColumns(file, columns),
    shown = rows.slice(0, most),
    sure = shown.some(row => perRow[row].pWrong !== undefined);
  return {
    title: rows.length > most ? `${title}, ${most} of ${whole(rows.length)}` : title,
    columns: [
      file.table.files === undefined ? "row" : "file",
      "given",
      "suggested",
      ...(sure ? ["p_wrong"] : []),
      ...beside.map(({ name }) => cut(onOneLine(name))),
    ],
    rows: shown.map(row => {
      const { given, suggested, pWrong } = perRow[row];
      return [
        rowName(file, row),
        classes[given],
        // Of a row that is no suspect no other class is suggested.
        suggested === given ? "" : classes[suggested],
        ...(sure ? [pWrong?.toFixed(2) ?? ""] : []),
        ...beside.map(column => cut(cellText(column, row))),
      ];
    }),
  };
}

/** More classes than these make no table that anyone reads: their pairs are listed instead. */
const mostClasses = 8;

/** Which class is taken for which: suspects by given and suggested label. */
export function confusionTable({ file, perRow }: Cleaned): Table | undefined {
  const classes = shortNames(file.label.classes),
    c = classes.length,
    counts = confusionOf(perRow, c);
  if (counts.every(count => count === 0)) return undefined;
  if (c <= mostClasses) {
    return {
      title: "Suspects by given label (rows) and suggested label (columns)",
      columns: ["given", ...classes],
      rows: classes.map((name, given) => [name, ...classes.map((_, y) => (y === given ? "" : String(counts[given * c + y])))]),
    };
  }
  const pairs = Array.from(counts.keys())
    .filter(at => counts[at] > 0)
    .sort((a, b) => counts[b] - counts[a] || a - b);
  return {
    title: "Suspects by given and suggested label, the most frequent",
    columns: ["given", "suggested", "suspects"],
    rows: pairs.slice(0, 20).map(at => [classes[Math.floor(at / c)], classes[at % c], String(counts[at])]),
  };
}

/** What p_wrong is, and of how many rows it decides nothing. */
export const pWrongSentence = (what: string, unsure: number): string =>
  `p_wrong is the probability that a ${what} is wrong. Unsure, between 0.25 and 0.75: ${quantity(unsure, "row")}.`;

/** How many are wrong. */
export const countSentence = ({ value, low, high }: WrongCount, all: string): string =>
  `About ${whole(value)} of ${all} ${Math.round(value) === 1 ? "is" : "are"} wrong (95 % interval: ${whole(low)} to ${whole(high)}).`;

/** Whether p_wrong holds. */
export function reliabilityTable(checked: readonly CheckedBin[]): Table | undefined {
  if (checked.length === 0) return undefined;
  return {
    title: "Does p_wrong hold? Of the rows with about this p_wrong, the share that is wrong",
    columns: ["p_wrong", "rows", "mean p_wrong", "share wrong", "95 % interval"],
    rows: checked.map(({ low, high, rows, mean, share: value, shareLow, shareHigh }) => [
      `${low.toFixed(1)} to ${high.toFixed(1)}`,
      whole(rows),
      mean.toFixed(2),
      value.toFixed(2),
      `${shareLow.toFixed(2)} to ${shareHigh.toFixed(2)}`,
    ]),
    note: "Trusted rows that p_wrong was not made with say how many right rows to expect in each line; what is beyond them is wrong. The fewer they are, the wider the interval; lines of which they say nothing are left out.",
  };
}

/** Rows of which it is not known: no suspects that are likely right, and no others that are likely wrong. */
export const unsureRows = (perRow: readonly RowAnswer[]): number[] =>
  perRow
    .map((_, row) => row)
    .filter(row => perRow[row].pWrong !== undefined && perRow[row].pWrong > 0.25 && perRow[row].pWrong < 0.75)
    .sort((a, b) => Math.abs(perRow[a].pWrong! - 0.5) - Math.abs(perRow[b].pWrong! - 0.5) || a - b);

/** What is done with rows that people have looked at because they were suspects. */
const reviewed = (n: number): string =>
  n === 1
    ? "Beside this 1 row is trained on as a review answered, and shows how labels are lost; it was chosen because it looks suspect, so nothing is measured on it."
    : `Beside this ${whole(n)} rows are trained on as a review answered, and show how labels are lost; they were chosen because they look suspect, so nothing is measured on them.`;

/** Who is trusted, in a sentence; without anybody what that means. */
export function trustedSentence({ file, rows, answers }: Cleaned): string {
  const n = rows.input.trusted?.labels.length ?? 0,
    answered = answers.size === 0 ? "" : ` ${reviewed(answers.size)}`;
  if (n > 0) return `Trusted: ${quantity(n, "row")} (${file.trustedFrom}).${answered}`;
  return `No rows are trusted, so the file is judged by other parts of itself. That is weaker: what all of it has wrong in the same way is not found, and nothing checks p_wrong. A few hundred rows whose labels somebody has checked (--trusted FILE or --trusted-column NAME) mend both.${answered}`;
}

/** What was found, in sentences. */
export function sentences(cleaned: Cleaned): string[] {
  const { rows, found, verdict, answers, perRow } = cleaned,
    n = rows.looked.length - answers.size,
    labels = answers.size === 0 ? quantity(n, "label") : `the ${quantity(n, "other label")}`,
    count = wrongCount(rows, verdict, answers),
    suspects = suspectsOf(perRow).length,
    unsure = unsureRows(perRow).length,
    mended = Array.from(answers).filter(([row, code]) => code !== perRow[row].given).length,
    { accuracy } = found;
  return [
    ...(found.outcome === "finished"
      ? []
      : [
          `${found.outcome === "budget" ? "The time is over" : "Stopped"}; what was scored so far stands. Not there: ${found.missing ?? "nothing"}.`,
        ]),
    ...(answers.size === 0
      ? []
      : [`A review has answered for ${quantity(answers.size, "row")}: ${whole(mended)} wrong, ${whole(answers.size - mended)} right.`]),
    count === undefined ? `Of ${labels}: how many are wrong is not known, as it was stopped early.` : countSentence(count, labels),
    `${quantity(suspects, "suspect")}: ${verdict.rule}.`,
    ...(verdict.pWrong === undefined ? [] : [pWrongSentence("label", unsure)]),
    accuracy === undefined
      ? `Accuracy before and after cleaning: not measured${found.noAccuracy === undefined ? "" : `, as ${found.noAccuracy}`}.`
      : `Trained on all labels, a classifier is right on ${share(accuracy.before)} of ${quantity(accuracy.rows, "trusted row")} that it has not seen; without the suspects on ${share(accuracy.after)}: ${points(accuracy.gain.value)} points (${points(accuracy.gain.low)} to ${points(accuracy.gain.high)}).`,
  ];
}

/** The document of `--json`. */
export function cleanJson(cleaned: Cleaned): Record<string, unknown> {
  const { file, rows, found, verdict, answers, perRow, method, seed, seconds } = cleaned,
    { classes, name } = file.label,
    c = classes.length,
    matrix = (counts: ArrayLike<number>): number[][] => classes.map((_, y) => Array.from({ length: c }, (__, k) => counts[y * c + k]));
  return {
    file: file.table.file,
    label: name,
    classes,
    method,
    seed,
    outcome: found.outcome,
    ...(found.missing === undefined ? {} : { missing: found.missing }),
    seconds,
    rows: rows.looked.length,
    trusted: rows.input.trusted?.labels.length ?? 0,
    answers: answers.size,
    reason: verdict.reason,
    rule: verdict.rule,
    wrong: wrongCount(rows, verdict, answers) ?? null,
    accuracy: found.accuracy ?? null,
    confusion: matrix(confusionOf(perRow, c)),
    transition: verdict.transition === undefined ? null : matrix(verdict.transition),
    reliability: verdict.checked,
    unsure: unsureRows(perRow).length,
    suspects: suspectsOf(perRow).map(row => ({
      row: file.table.rowNumbers[row] + 1,
      ...(file.table.files === undefined ? {} : { file: file.table.files[row] }),
      given: classes[perRow[row].given],
      suggested: classes[perRow[row].suggested],
      pWrong: perRow[row].pWrong ?? null,
      rank: perRow[row].rank ?? null,
      weight: perRow[row].weight,
    })),
    table: summaryOf(file.table),
    notes: file.notes,
  };
}
