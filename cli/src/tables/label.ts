import { inOrder, type Label, type Table } from "./columns.js";
import { numbersIn, type NumberCells } from "./numbers.js";
import type { RawColumn } from "./raw.js";
import { count, didYouMean, quoted, refuserOf, some, type Refuse } from "./refuse.js";

/** What is learned: which class, or a number; found from the labels if not told. */
export const tasks = ["classes", "number"] as const;
export type Task = (typeof tasks)[number];

/** What was learned of another file's label. */
export type Target = { readonly name: string } & (
  { readonly kind: "classes"; readonly classes: readonly string[] } | { readonly kind: "number" }
);

/** Whole numbers are classes if they are at most so many and each has so many rows on average. */
const classes = { most: 50, rows: 5 };
/** More classes than this are no classes. */
const mostClasses = 10_000;
/** Labels that are numbers, of all, from which on the others are taken for mistakes. */
const mostlyNumbers = 0.95;

/** The column of that name. @throws UsageError that asks whether another was meant */
export function findColumn(columns: readonly RawColumn[], name: string, refuse: Refuse): RawColumn {
  const found = columns.find(column => column.name === name);
  if (found !== undefined) return found;
  const names = columns.map(column => column.name);
  return refuse(`must have a column ${quoted(name)}${didYouMean(name, names)}`, `columns ${some(names)}`);
}

/** Rows that have a label, in ascending order. */
export function labelledRows(column: RawColumn, missing: ReadonlySet<string>): Int32Array {
  const rows: number[] = [];
  if (column.kind === "text") {
    let row = 0;
    for (const cell of column.cells) {
      if (!missing.has(cell.trim())) rows.push(row);
      row++;
    }
  } else column.values.forEach((x, row) => Number.isNaN(x) || rows.push(row));
  return Int32Array.from(rows);
}

/** Labels as texts, in the form in which the file has them. */
function textsOf(column: RawColumn): string[] {
  if (column.kind === "text") return Array.from(column.cells, text => text.trim());
  return Array.from(column.values, x => (column.kind === "boolean" ? String(x === 1) : String(x)));
}

interface LabelOptions {
  readonly task?: Task;
  /** The classes that there are, where they are known. */
  readonly classes?: readonly string[];
  /** For each row its number in the file. */
  readonly rowNumbers: Int32Array;
  readonly refuse: Refuse;
}

/** @throws UsageError if a label is of another class */
function mustBeKnown(name: string, texts: readonly string[], { classes: known, rowNumbers, refuse }: LabelOptions): void {
  const place = known === undefined ? -1 : texts.findIndex(text => !known.includes(text));
  if (place >= 0)
    refuse(
      `must have one of the ${known!.length} classes that were learned from in ${quoted(name)}`,
      `${quoted(texts[place])} in row ${rowNumbers[place] + 1}`,
    );
}

function classesOf(name: string, texts: readonly string[], options: LabelOptions): Label & { readonly kind: "classes" } {
  const { refuse } = options;
  mustBeKnown(name, texts, options);
  const found = new Map<string, number>();
  for (const text of texts) found.set(text, (found.get(text) ?? 0) + 1);
  if (found.size > mostClasses) refuse(`must have at most ${mostClasses} classes in ${quoted(name)}`, `${found.size}`);
  const names = options.classes ?? inOrder(found.keys());
  if (names.length === 1) refuse(`must have at least two classes in ${quoted(name)}`, `${quoted(names[0])} in every row`);
  const place = new Map(names.map((text, i) => [text, i]));
  return {
    kind: "classes",
    name,
    classes: names,
    codes: Int32Array.from(texts, text => place.get(text)!),
    counts: names.map(text => found.get(text) ?? 0),
  };
}

/** Whether numbers are names of classes. */
function areClasses(values: Float64Array): boolean {
  const distinct = new Set(values);
  return values.every(Number.isInteger) && distinct.size <= classes.most && distinct.size * classes.rows <= values.length;
}

/**
 * Labels as classes or numbers.
 * @throws UsageError if there is one class only, or a label is no number where numbers are asked for
 */
export function labelOf(column: RawColumn, options: LabelOptions): { readonly label: Label; readonly notes: readonly string[] } {
  const { name } = column;
  const { task, rowNumbers, refuse } = options;
  const numbers = column.kind === "text" ? numbersIn(column.cells, new Set()) : undefined;
  const values = column.kind === "text" ? numbers!.values : column.values;
  const other = numbers?.other;
  if (task === "number") {
    if (other !== undefined) refuse(`must hold numbers in ${quoted(name)}`, `${quoted(other.text)} in row ${rowNumbers[other.row] + 1}`);
    return { label: numberLabel(name, values, rowNumbers, refuse), notes: [] };
  }
  if (task === undefined && other !== undefined) mustNotBeMixed(name, numbers!, options);
  const asNumber = task === undefined && other === undefined && column.kind !== "boolean" && numbers?.codes !== true && !areClasses(values);
  if (asNumber) {
    return {
      label: numberLabel(name, values, rowNumbers, refuse),
      notes: [`${quoted(name)} is taken for a number to be predicted; --types ${JSON.stringify(`${name}=category`)} takes it for classes.`],
    };
  }
  return { label: classesOf(name, textsOf(column), options), notes: [] };
}

/** @throws UsageError if nearly all labels are numbers, as no classes are, but some are none */
function mustNotBeMixed(name: string, { values, others, other }: NumberCells, { rowNumbers, refuse }: LabelOptions): void {
  const present = values.filter(x => !Number.isNaN(x));
  if (others > (1 - mostlyNumbers) * values.length || areClasses(present)) return;
  const more = others > 1 ? ` and ${count(others - 1, "other cell")} that ${others === 2 ? "is" : "are"} none` : "";
  refuse(
    `must hold numbers in ${quoted(name)} as most of its cells are (mend the cell or empty it; --types ${JSON.stringify(`${name}=category`)} takes all for classes)`,
    `${quoted(other!.text)} in row ${rowNumbers[other!.row] + 1}${more}`,
  );
}

function numberLabel(name: string, values: Float64Array, rowNumbers: Int32Array, refuse: Refuse): Label {
  const endless = values.findIndex(x => !Number.isFinite(x));
  if (endless >= 0) refuse(`must hold finite numbers in ${quoted(name)}`, `±∞ in row ${rowNumbers[endless] + 1}`);
  if (values.every(x => x === values[0])) refuse(`must hold different numbers in ${quoted(name)}`, `${values[0]} in every row`);
  return { kind: "number", name, values };
}

/** @throws UsageError if a class of a table that is learned from occurs once: no other row could show what was learned of it */
export function mustOccurTwice({ file, label, rowNumbers }: Pick<Table, "file" | "label" | "rowNumbers">): void {
  if (label?.kind !== "classes") return;
  const once = label.counts.indexOf(1);
  if (once >= 0)
    refuserOf(file)(
      `must have each label at least twice in ${quoted(label.name)}, or nothing can be learned of it (mend the row or take it out)`,
      `${quoted(label.classes[once])} once, in row ${rowNumbers[label.codes.indexOf(once)] + 1}`,
    );
}
