import { cellText, countSentence, cut, pWrongSentence, rowName, shownColumns } from "../clean/output.js";
import type { Interval } from "../cleaning/regression/held-out-error.js";
import type { Table } from "../problems/figure.js";
import { short, whole } from "../report/format.js";
import { summaryOf } from "../tables/describe.js";
import { quantity } from "ufom/internal/tensor/quantity";
import type { ValueAnswer } from "./answer.js";
import { suspectValues, unsureValues, wrongValues } from "./answer.js";
import type { FoundValues, ValuesVerdict } from "./find.js";
import type { ValueRows, ValuesFile } from "./read.js";

/** All that is known at the end, for the terminal, the report and `--json`. */
export interface CleanedValues {
  readonly file: ValuesFile;
  readonly rows: ValueRows;
  readonly found: FoundValues;
  readonly verdict: ValuesVerdict;
  readonly answers: ReadonlyMap<number, number>;
  readonly perRow: readonly ValueAnswer[];
  readonly method: string;
  readonly seed: number;
  readonly seconds: number;
}

/** A number as people read it: all of its digits where they are few. */
export const numberText = (x: number): string => (String(x).length <= 12 ? String(x) : short(x));

const interval = ({ value, low, high }: Interval): string => `${short(value)} (${short(low)} to ${short(high)})`;
const signed = (x: number): string => (x < 0 ? `−${short(-x)}` : `+${short(x)}`);

/** Some rows with given and suggested value, the first of a list. */
export function valueTable({ file, perRow }: CleanedValues, title: string, rows: readonly number[], most: number, columns: number): Table {
  const beside = shownColumns(file, columns),
    shown = rows.slice(0, most),
    sure = shown.some(row => perRow[row].pWrong !== undefined);
  return {
    title: rows.length > most ? `${title}, ${most} of ${whole(rows.length)}` : title,
    columns: [
      file.table.files === undefined ? "row" : "file",
      "given",
      "suggested",
      ...(sure ? ["p_wrong"] : []),
      ...beside.map(({ name }) => cut(name)),
    ],
    rows: shown.map(row => {
      const { given, suggested, pWrong } = perRow[row];
      return [
        rowName(file, row),
        numberText(given),
        numberText(suggested),
        ...(sure ? [pWrong?.toFixed(2) ?? ""] : []),
        ...beside.map(column => cut(cellText(column, row))),
      ];
    }),
  };
}

/** Who is trusted, in a sentence; without anybody what that means. */
export function trustedWords({ file, rows, answers }: CleanedValues): string {
  const n = rows.input.trusted?.values.length ?? 0,
    answered =
      answers.size === 0 ? "" : ` ${quantity(answers.size, "row")} ${answers.size === 1 ? "stands" : "stand"} as a review answered.`;
  if (n > 0) return `Trusted: ${quantity(n, "row")} (${file.trustedFrom}).${answered}`;
  return `No rows are trusted, so the file is judged by other parts of itself. That is weaker: what all of it has wrong in the same way is not found, how far right values scatter is guessed, and nothing checks p_wrong. A few hundred rows whose values somebody has checked (--trusted FILE or --trusted-column NAME) mend both.${answered}`;
}

/** Which model predicts, and how right values scatter around it. */
export function modelWords({ verdict: { model, freedom, scatter } }: CleanedValues): string {
  const sorted = scatter.slice().sort(),
    [low, high] = [0.05, 0.95].map(p => sorted[Math.round(p * (sorted.length - 1))]),
    wide = high > 1.2 * low ? `${short(low)} to ${short(high)}` : short(sorted[sorted.length >> 1]);
  return `Predictions: ${model.kind === "linear" ? "a linear model" : "a linear model and a network on top"}${model.log ? " of the logarithm, as errors are factors here" : ""}, of parts of the file that do not have the row. Right values scatter around them by ${wide}${freedom < 100 ? `, with far tails (Student's t, ${freedom} degrees of freedom)` : ""}.`;
}

/** What was found, in sentences. */
export function valueSentences(cleaned: CleanedValues): string[] {
  const { rows, found, verdict, answers, perRow } = cleaned,
    n = rows.looked.length - answers.size,
    values = answers.size === 0 ? quantity(n, "value") : `the ${quantity(n, "other value")}`,
    count = wrongValues(rows, verdict, answers),
    suspects = suspectValues(perRow).length,
    mended = Array.from(answers).filter(([row, value]) => value !== perRow[row].given).length,
    { error } = found;
  return [
    ...(found.outcome === "finished"
      ? []
      : [
          `${found.outcome === "budget" ? "The time is over" : "Stopped"}; what was scored so far stands. Not there: ${found.missing ?? "nothing"}.`,
        ]),
    ...(answers.size === 0
      ? []
      : [`A review has answered for ${quantity(answers.size, "row")}: ${whole(mended)} wrong, ${whole(answers.size - mended)} right.`]),
    modelWords(cleaned),
    count === undefined ? `Of ${values}: how many are wrong is not known, as it was stopped early.` : countSentence(count, values),
    `${quantity(suspects, "suspect")}: ${verdict.rule}.`,
    ...(verdict.pWrong === undefined ? [] : [pWrongSentence("value", unsureValues(perRow).length)]),
    error === undefined
      ? `Error before and after: not measured${found.noError === undefined ? "" : `, as ${found.noError}`}.`
      : `Trained on all values, a model has a root mean squared error of ${interval(error.before)} on ${quantity(error.rows, "trusted row")} that it has not seen; without the suspects of ${interval(error.after)}: ${signed(-error.gain.value)} (${signed(-error.gain.high)} to ${signed(-error.gain.low)}).`,
  ];
}

/** The document of `--json`. */
export function valuesJson(cleaned: CleanedValues): Record<string, unknown> {
  const { file, rows, found, verdict, answers, perRow, method, seed, seconds } = cleaned;
  return {
    file: file.table.file,
    label: file.label.name,
    kind: "number",
    method,
    seed,
    outcome: found.outcome,
    ...(found.missing === undefined ? {} : { missing: found.missing }),
    seconds,
    rows: rows.looked.length,
    trusted: rows.input.trusted?.values.length ?? 0,
    answers: answers.size,
    reason: verdict.reason,
    rule: verdict.rule,
    model: verdict.model,
    freedom: verdict.freedom,
    tried: verdict.tried,
    wrong: wrongValues(rows, verdict, answers) ?? null,
    error: found.error ?? null,
    reliability: verdict.checked,
    unsure: unsureValues(perRow).length,
    suspects: suspectValues(perRow).map(row => {
      const { given, suggested, pWrong, rank, weight } = perRow[row];
      return {
        row: file.table.rowNumbers[row] + 1,
        ...(file.table.files === undefined ? {} : { file: file.table.files[row] }),
        ...{ given, suggested, pWrong: pWrong ?? null, rank: rank ?? null, weight },
      };
    }),
    table: summaryOf(file.table),
    notes: file.notes,
  };
}
