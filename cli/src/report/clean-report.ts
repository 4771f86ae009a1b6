import type { CheckedBin } from "../cleaning/reliability.js";
import type { Chart, Figure, GreyImage, Histogram, Table } from "../problems/figure.js";
import { suspectsOf, wrongCount } from "../clean/answer.js";
import {
  confusionTable,
  reliabilityTable,
  rowName,
  rowTable,
  sentences,
  trustedSentence,
  unsureRows,
  type Cleaned,
} from "../clean/output.js";
import { isNumeric, pixelName } from "../tables/columns.js";
import { summaryOf } from "../tables/describe.js";
import { missingWords } from "../tables/missing.js";
import { quantity } from "ufom/internal/tensor/quantity";
import { version } from "../version.js";
import { duration, short, whole } from "./format.js";
import { renderPage } from "./page.js";

/** Rows and pictures that a report shows. */
const most = { rows: 50, pictures: 60, unsure: 20, columns: 8, listed: 200 } as const;

/** Channels, height and width, as the table's format says them. */
function shapeOf({ file: { table } }: Cleaned): readonly [channels: number, height: number, width: number] | undefined {
  const found = /\((\d+) × (\d+) × (\d+)\)/.exec(table.format);
  return table.files === undefined || found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

/** A file's name as its folder has it. */
const within = (name: string, folder: string): string =>
  name.startsWith(folder) ? name.slice(folder.length).replace(/^[/\\]+/, "") : name;

/** A row of pixels as a picture, with the labels below. */
function picture({ file, perRow }: Cleaned, row: number, [channels, height, width]: readonly [number, number, number]): GreyImage {
  // The picture's own pixels, also where features of it are made elsewhere.
  const at = new Map(file.beside.map(column => [column.name, column])),
    pixels = new Uint8Array(channels * height * width),
    { classes } = file.label,
    { given, suggested, pWrong, suspect } = perRow[row];
  for (let k = 0; k < pixels.length; k++) {
    const column = at.get(pixelName(k))!,
      value = isNumeric(column)
        ? column.values[row]
        : "raw" in column && column.raw.kind !== "text"
          ? column.raw.values[row]
          : Number(column.type);
    const [channel, place] = [Math.floor(k / (height * width)), k % (height * width)];
    pixels[place * channels + channel] = Math.round(255 * value);
  }
  const sure = pWrong === undefined ? "" : ` ${pWrong.toFixed(2)}`;
  return {
    width,
    height,
    pixels,
    as: channels === 3 ? "colour" : "light",
    label: `${classes[given]}${given === suggested ? "" : ` → ${classes[suggested]}`}?${sure}\n${within(rowName(file, row), file.table.file)}`,
    tone: suspect ? "bad" : "good",
  };
}

function pictures(cleaned: Cleaned, title: string, rows: readonly number[], caption: string): Figure[] {
  const shape = shapeOf(cleaned);
  if (shape === undefined || rows.length === 0) return [];
  return [{ kind: "images", title, caption, images: rows.slice(0, most.pictures).map(row => picture(cleaned, row, shape)) }];
}

/** How far p_wrong holds. */
export function reliabilityChart(checked: readonly CheckedBin[]): Chart[] {
  if (checked.length === 0) return [];
  return [
    {
      kind: "chart",
      title: "Does p_wrong hold?",
      caption:
        "Of the rows given about this p_wrong, the share that is wrong, by trusted rows that it was not made with; with their 95 % intervals. On the diagonal, of the rows given 0.9, nine in ten are wrong.",
      x: { label: "p_wrong", min: 0, max: 1 },
      y: { label: "share that is wrong", min: 0, max: 1 },
      series: [
        {
          name: "found",
          style: "points",
          points: checked.map(({ mean, share }) => [mean, share] as const),
          band: checked.map(({ mean, shareLow, shareHigh }) => [mean, shareLow, shareHigh] as const),
        },
        {
          name: "as it should be",
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    },
  ];
}

/** How many rows have which p_wrong, of rows that nobody vouches for. */
export function pWrongHistogram(values: readonly number[]): Histogram[] {
  if (values.length === 0) return [];
  return [
    {
      kind: "histogram",
      title: "How sure it is",
      caption: "Rows by their p_wrong, the probability that the label is wrong. What lies in the middle is unsure.",
      x: { label: "p_wrong" },
      low: 0,
      high: 1,
      bins: 20,
      groups: [{ name: "rows", values }],
    },
  ];
}

/** What was decided about each column. */
export function columnTable(table: Cleaned["file"]["table"]): Table[] {
  if (table.files !== undefined) return [];
  const { columns } = summaryOf(table);
  return [
    {
      title: columns.length > most.listed ? `Columns, ${most.listed} of ${whole(columns.length)}` : "Columns",
      columns: ["column", "type", "values", "missing", "remark"],
      rows: columns
        .slice(0, most.listed)
        .map(({ name, type, used, missing, missingAs, low, high, levels, most: mostly, remark }) => [
          name,
          type,
          levels !== undefined
            ? `${levels} values${mostly === undefined ? "" : `, mostly ${JSON.stringify(mostly)}`}`
            : low === undefined || high === undefined
              ? ""
              : typeof low === "string"
                ? `${low} to ${high}`
                : `${short(low)} to ${short(high as number)}`,
          missing === 0 ? "" : missingWords(new Map(Object.entries(missingAs))),
          [used ? "" : "left out", remark ?? ""].filter(text => text !== "").join(": "),
        ]),
    },
  ];
}

/** The report of a cleaned file as one HTML page. @param command that makes the same numbers again */
export async function cleanReport(cleaned: Cleaned, command: string): Promise<string> {
  const { file, rows, found, verdict, answers, perRow, method, seed, seconds } = cleaned,
    { table, label } = file,
    count = wrongCount(rows, verdict, answers),
    suspects = suspectsOf(perRow),
    unsure = unsureRows(perRow),
    confusion = confusionTable(cleaned),
    reliability = reliabilityTable(cleaned.verdict.checked),
    { accuracy } = found,
    // What was found stands at the top; how accurate a classifier is, in its tiles and below.
    told = sentences(cleaned),
    [said, last] = [told.slice(0, -1), told.at(-1)!],
    percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  return renderPage({
    title: `${table.file}: which labels are wrong`,
    subtitle: `${table.format}, ${quantity(table.rowCount, table.files === undefined ? "row" : "picture")}, ${label.classes.length} classes in ${JSON.stringify(label.name)}`,
    outcome: { word: found.outcome, good: found.outcome === "finished", message: said.join(" ") },
    tiles: [
      ...(count === undefined
        ? []
        : [{ label: `labels that are wrong, of ${whole(rows.looked.length)}`, value: `${whole(count.low)} to ${whole(count.high)}` }]),
      { label: "suspects", value: whole(suspects.length) },
      ...(accuracy === undefined
        ? []
        : [
            { label: "accuracy with all labels", value: percent(accuracy.before.value) },
            { label: "accuracy without the suspects", value: percent(accuracy.after.value) },
          ]),
      { label: "time", value: duration(seconds) },
    ],
    protocol: [trustedSentence(cleaned), last, `Method ${verdict.method}. ${verdict.reason}`, ...table.notes, ...file.notes],
    tables: [
      ...(table.files === undefined && suspects.length > 0
        ? [rowTable(cleaned, "Most suspect rows", suspects, most.rows, most.columns)]
        : []),
      ...(confusion === undefined || table.files !== undefined ? [] : [confusion]),
    ],
    figures: [
      ...pictures(
        cleaned,
        suspects.length > most.pictures ? `Most suspect pictures, ${most.pictures} of ${whole(suspects.length)}` : "Most suspect pictures",
        suspects,
        "Given label → suggested label, p_wrong, and the file.",
      ),
      ...reliabilityChart(verdict.checked),
      ...pWrongHistogram(perRow.flatMap(({ pWrong, trusted }) => (pWrong === undefined || trusted !== undefined ? [] : [pWrong]))),
      ...pictures(
        cleaned,
        "Unsure",
        unsure.slice(0, most.unsure),
        "Pictures with a p_wrong near one half, which only a look can decide. Red frames are suspects.",
      ),
    ],
    after: [
      ...(confusion === undefined || table.files === undefined ? [] : [confusion]),
      ...(table.files === undefined && unsure.length > 0
        ? [rowTable(cleaned, "Unsure: p_wrong near one half", unsure, most.unsure, most.columns)]
        : []),
      ...(reliability === undefined ? [] : [reliability]),
      ...columnTable(table),
    ],
    settings: Object.entries({
      file: table.file,
      label: label.name,
      method,
      seed,
      trusted: file.trustedFrom ?? "none",
      rule: verdict.rule,
    }).map(([key, value]) => [key, String(value)] as const),
    commands: [command],
    footer: `Made by ufom ${await version()} with Node ${process.versions.node} on ${process.platform}-${process.arch}. Same seed, same numbers.`,
  });
}
