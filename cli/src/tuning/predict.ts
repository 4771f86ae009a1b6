import type { Executor, Value } from "ufom";
import { evaluate, nn } from "ufom";
import { argmax } from "../cleaning/numbers.js";
import type { Table } from "../tables/columns.js";
import { encode, readLike, type Features } from "../tables/encode.js";
import type { EncodedTarget, Encoding } from "../tables/encoding.js";
import type { TableOptions } from "../tables/read-table.js";
import { outputsOf, type Architecture, type Layer, type Weights } from "./model.js";
import { targetsOf } from "./rows.js";
import { scoresOf, type Scores } from "./scores.js";
import { predictWith } from "./trainer.js";

/** A model in memory. */
export interface Model {
  readonly features: Encoding;
  readonly architecture: Architecture;
  readonly weights: Weights;
}

/** What a model says of the rows of a file. */
export interface Predictions {
  readonly file: string;
  readonly rows: number;
  /** For each row its number in the file, from 0. */
  readonly rowNumbers: Int32Array;
  /** The class with the highest probability, or the number. */
  readonly values: readonly (string | number)[];
  /** rows × classes; of numbers nothing. */
  readonly probabilities?: Float64Array;
  readonly target: EncodedTarget;
  /** Where the file has the column that is predicted. */
  readonly scores?: Scores;
  /** What was met that was not there when the model was trained. */
  readonly notes: readonly string[];
}

async function outputs(
  { architecture: { kind }, weights }: Model,
  features: { data: Float32Array; rows: number; width: number },
  executor: Executor,
) {
  const run = evaluate(
    (layers: readonly Layer[], x: Value) => (kind === "classes" ? nn.logSoftmax(outputsOf(layers, x)) : outputsOf(layers, x)),
    { executor },
  );
  const { data, rows, width } = features;
  return predictWith((layers, x) => run(layers, x), weights, { features: data, count: rows, width });
}

/** Scores of the rows that have a label, if any has. */
async function scored(
  model: Model,
  path: string,
  options: TableOptions,
  { all, found, balanced }: { readonly all: Table; readonly found: Float64Array; readonly balanced: boolean },
): Promise<Scores> {
  const table = await readLike(model.features, path, options);
  const place = new Map(Array.from(all.rowNumbers, (number, row) => [number, row]));
  const width = model.architecture.outputs;
  const mine = new Float64Array(table.rowCount * width);
  table.rowNumbers.forEach((number, i) => {
    const row = place.get(number)!;
    mine.set(found.subarray(row * width, (row + 1) * width), i * width);
  });
  const target = model.features.target!;
  const rows = Int32Array.from({ length: table.rowCount }, (_, i) => i);
  return scoresOf(mine, { ...targetsOf(table.label!, target, rows, balanced), features: new Float32Array(0), width: 0 }, target);
}

/** Rows of a file, as a model's columns have them. */
export interface RowsToPredict {
  readonly path: string;
  readonly options: TableOptions;
  readonly table: Table;
  readonly encoded: Features;
}

/**
 * Reads a file with the columns that a model was trained on. The column that is predicted may be there or not; where it is, rows without a value in it are
 * predicted too.
 * @throws UsageError as `readLike` and `encode`
 */
export async function rowsToPredict(encoding: Encoding, path: string, options: TableOptions): Promise<RowsToPredict> {
  const { target, ...features } = encoding;
  // Read as one more column that nothing is made of, the label leaves no row out.
  const table = await readLike({ ...features, leftOut: [...features.leftOut, target!.name] }, path, options);
  return { path, options, table, encoded: encode(encoding, table) };
}

/** What a model says of rows, and how good that is where they have a label. */
export async function predict(
  model: Model,
  { path, options, table, encoded }: RowsToPredict,
  { executor, balanced = false }: { readonly executor: Executor; readonly balanced?: boolean },
): Promise<Predictions> {
  const known = model.features.target!;
  const found = await outputs(model, encoded, executor);
  const notes = [...table.notes, ...encoded.notes];
  const labelled = table.columns.find(({ name }) => name === known.name);
  const scores =
    labelled === undefined || labelled.missing === table.rowCount
      ? undefined
      : await scored(model, path, options, { all: table, found, balanced });
  const common = { file: table.file, rows: table.rowCount, rowNumbers: table.rowNumbers, target: known, notes };
  const judged = scores === undefined ? common : { ...common, scores };
  if (known.kind === "number") return { ...judged, values: Array.from(found, x => x * known.scale + known.mean) };
  const c = known.classes.length;
  return {
    ...judged,
    values: Array.from({ length: table.rowCount }, (_, i) => known.classes[argmax(found, i * c, c)]),
    probabilities: found.map(Math.exp),
  };
}

/** A cell of CSV: in quotes where it has to be. */
const cell = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Six digits say all that a float32 knows. */
const digits = (x: number): string => String(Number(x.toPrecision(6)));

/** Predictions as CSV: the row's number from 1, what is predicted, and the probability of each class. */
export function predictionsCsv({ rowNumbers, values, probabilities, target }: Predictions): string {
  const classes = target.kind === "classes" ? target.classes : [];
  const head = ["row", target.name, ...classes.map(name => `p(${name})`)];
  const lines = values.map((value, i) => [
    String(rowNumbers[i] + 1),
    typeof value === "number" ? digits(value) : value,
    ...classes.map((_, k) => digits(probabilities![i * classes.length + k])),
  ]);
  return [head, ...lines].map(row => `${row.map(cell).join(",")}\n`).join("");
}
