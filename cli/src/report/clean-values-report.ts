import { suspectValues, unsureValues, wrongValues } from "../clean-values/answer.js";
import { trustedWords, valueSentences, valueTable, type CleanedValues } from "../clean-values/output.js";
import { reliabilityTable } from "../clean/output.js";
import type { Chart, Figure } from "../problems/figure.js";
import { version } from "../version.js";
import { columnTable, pWrongHistogram, reliabilityChart } from "./clean-report.js";
import { duration, short, whole } from "./format.js";
import { renderPage } from "./page.js";

/** Rows that a report shows, and points of a picture. */
const most = { rows: 50, unsure: 20, columns: 8, points: 2000 } as const;

/** Given values against what is predicted for them; where a few lie far out, the others once more from near. */
function predictedCharts({ file, perRow, verdict }: CleanedValues): Chart[] {
  const rows = perRow.flatMap(({ predicted, given, suspect }) => (predicted === undefined ? [] : [{ predicted, given, suspect }])),
    predictions = Float64Array.from(rows, ({ predicted }) => predicted).sort(),
    ends = [predictions[0], predictions[predictions.length - 1]],
    given = Float64Array.from(rows, row => row.given).sort(),
    scale = verdict.model.log ? "log" : "linear",
    span = ends[1] - ends[0],
    // As far beyond all predictions as these reach.
    [low, high] = [ends[0] - span, ends[1] + span],
    wide = !verdict.model.log && given[given.length - 1] - given[0] > 4 * span;
  const chart = (title: string, shown: typeof rows, caption: string): Chart => {
    const others = shown.filter(({ suspect }) => !suspect),
      // Of many rows so many are drawn, evenly; suspects all.
      step = Math.max(1, Math.ceil(others.length / most.points)),
      point = (row: (typeof rows)[number]) => [row.predicted, row.given] as const;
    return {
      kind: "chart",
      title,
      caption: `${caption}${step > 1 ? ` Of the rows that are no suspects one in ${step}.` : ""}`,
      x: { label: `predicted ${file.label.name}`, scale },
      y: { label: `given ${file.label.name}`, scale },
      series: [
        { name: "suspects", style: "points", points: shown.filter(({ suspect }) => suspect).map(point) },
        { name: "other rows", style: "points", points: others.filter((_, i) => i % step === 0).map(point) },
        { name: "given as predicted", points: ends.map(x => [x, x] as const) },
      ],
    };
  };
  return [
    chart("Given against predicted", rows, "Each row by what a model that has not seen it predicts, and what it was given."),
    ...(wide
      ? [
          chart(
            "The same from near",
            rows.filter(row => row.given >= low && row.given <= high),
            "Without the values that lie further beyond all predictions than these are apart.",
          ),
        ]
      : []),
  ];
}

/** The report of a cleaned file as one HTML page. @param command that makes the same numbers again */
export async function cleanValuesReport(cleaned: CleanedValues, command: string): Promise<string> {
  const { file, rows, found, verdict, answers, perRow, method, seed, seconds } = cleaned,
    { table, label } = file,
    count = wrongValues(rows, verdict, answers),
    [suspects, unsure] = [suspectValues(perRow), unsureValues(perRow)],
    reliability = reliabilityTable(cleaned.verdict.checked),
    { error } = found,
    figures: Figure[] = [
      ...predictedCharts(cleaned),
      ...reliabilityChart(verdict.checked),
      ...pWrongHistogram(perRow.flatMap(({ pWrong, trusted }) => (pWrong === undefined || trusted !== undefined ? [] : [pWrong]))),
    ];
  return renderPage({
    title: `${table.file}: which numbers are wrong`,
    subtitle: `${table.format}, ${whole(table.rowCount)} rows, numbers in ${JSON.stringify(label.name)}`,
    outcome: { word: found.outcome, good: found.outcome === "finished", message: valueSentences(cleaned).join(" ") },
    tiles: [
      ...(count === undefined
        ? []
        : [{ label: `values that are wrong, of ${whole(rows.looked.length)}`, value: `${whole(count.low)} to ${whole(count.high)}` }]),
      { label: "suspects", value: whole(suspects.length) },
      ...(error === undefined
        ? []
        : [
            { label: "error with all values", value: short(error.before.value) },
            { label: "error without the suspects", value: short(error.after.value) },
          ]),
      { label: "time", value: duration(seconds) },
    ],
    protocol: [trustedWords(cleaned), `Method ${verdict.method}. ${verdict.reason}`, ...table.notes, ...file.notes],
    tables: suspects.length > 0 ? [valueTable(cleaned, "Most suspect rows", suspects, most.rows, most.columns)] : [],
    figures,
    after: [
      ...(unsure.length > 0 ? [valueTable(cleaned, "Unsure: p_wrong near one half", unsure, most.unsure, most.columns)] : []),
      ...(reliability === undefined ? [] : [reliability]),
      ...columnTable(table),
    ],
    settings: Object.entries({
      ...{ file: table.file, label: label.name, method, seed },
      ...{ trusted: file.trustedFrom ?? "none", rule: verdict.rule },
    }).map(([key, value]) => [key, String(value)] as const),
    commands: [command],
    footer: `Made by ufom ${await version()} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers.`,
  });
}
