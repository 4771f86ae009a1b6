import { inOrder, type CategoryColumn, type Column, type LeftOutColumn, type NumberColumn, type TypeName } from "./columns.js";
import { datesIn, type DateStyle } from "./dates.js";
import { missingIn, sum } from "./missing.js";
import { numbersIn, type NumberCells, type NumberStyle } from "./numbers.js";
import type { RawColumn } from "./raw.js";
import { count, quoted, type Refuse } from "./refuse.js";
import type { TextCells } from "./text-cells.js";

/** From what a type is found. */
export interface InferOptions {
  readonly missing: ReadonlySet<string>;
  readonly refuse: Refuse;
  /** Of each row its number in the file. */
  readonly rowNumbers: Int32Array;
}

/** Fewer rows than these show nothing about how many values a column has. */
const fewRows = 10;
/** Whole numbers with so many values, each of them common, are taken for codes: with a weight for each, a model can do all that it can with the number. */
const codes = { fewest: 3, most: 12, share: 0.01 };
/** Cells that are numbers, of those that are there, from which on the others are taken for mistakes. */
const mostlyNumbers = 0.95;
/** A text of more letters, or of more words, is a sentence. */
const sentence = { letters: 60, words: 4 };

const booleanWords: readonly (readonly [no: string, yes: string])[] = [
  ["false", "true"],
  ["no", "yes"],
  ["f", "t"],
  ["n", "y"],
  ["off", "on"],
];

/** True, TRUE, true, and as many for false. */
const mostSpellings = 6;

const idName = /^(?:id|index|key|uuid|guid|row|unnamed.*|column 1|.*[_\s.-]id|row[_\s-]?(?:id|number|index)|[a-z]+Id|[a-z]+ID)$/;
const isIdName = (name: string): boolean => idName.test(name) || idName.test(name.toLowerCase());

type Known = Pick<Column, "name" | "missing" | "missingAs"> & { readonly remark?: string; readonly as?: TypeName };

const row = (options: InferOptions, index: number): string => `row ${options.rowNumbers[index] + 1}`;

const leftOut = (known: Known, type: LeftOutColumn["type"], raw: RawColumn, remark: string): LeftOutColumn => ({
  ...known,
  type,
  as: type === "constant" ? "ignored" : type,
  raw,
  remark,
});

/** The values that occur, and how often. */
function frequencies(values: Iterable<string>): Map<string, number> {
  const found = new Map<string, number>();
  for (const text of values) found.set(text, (found.get(text) ?? 0) + 1);
  return found;
}

function* presentTexts(cells: TextCells, missing: ReadonlySet<string>): Generator<string, void> {
  for (const cell of cells) {
    const text = cell.trim();
    if (!missing.has(text)) yield text;
  }
}

function categoryOf(
  known: Known,
  texts: Iterable<string | undefined>,
  length: number,
  type: CategoryColumn["type"] = "category",
): CategoryColumn {
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(length);
  let i = 0;
  for (const text of texts) {
    if (text === undefined) codes[i++] = -1;
    else {
      const code = codeOf.get(text) ?? codeOf.size;
      if (code === codeOf.size) codeOf.set(text, code);
      codes[i++] = code;
    }
  }
  const levels = inOrder(codeOf.keys());
  const placed = new Int32Array(levels.length);
  levels.forEach((level, place) => (placed[codeOf.get(level)!] = place));
  return { as: type, ...known, type, levels, codes: codes.map(code => (code < 0 ? -1 : placed[code])) };
}

function* orMissing(cells: TextCells, missing: ReadonlySet<string>): Generator<string | undefined, void> {
  for (const cell of cells) {
    const text = cell.trim();
    yield missing.has(text) ? undefined : text;
  }
}

const textsOfNumbers = (values: Float64Array): Iterable<string | undefined> =>
  Array.from(values, x => (Number.isFinite(x) ? String(x) : undefined));

const finite = (values: Float64Array): Float64Array => values.map(x => (Number.isFinite(x) ? x : NaN));

/** What the values of a column of numbers say about what they are. */
function judge(values: Float64Array): {
  readonly distinct: number;
  readonly whole: boolean;
  readonly low: number;
  readonly high: number;
  readonly rarest: number;
  readonly present: number;
} {
  const found = new Map<number, number>();
  let [whole, low, high, present] = [true, Infinity, -Infinity, 0];
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    present++;
    whole &&= Number.isInteger(x);
    low = Math.min(low, x);
    high = Math.max(high, x);
    found.set(x, (found.get(x) ?? 0) + 1);
  }
  let rarest = Infinity;
  for (const n of found.values()) rarest = Math.min(rarest, n);
  return { distinct: found.size, whole, low, high, rarest, present };
}

function inferNumbers(known: Known, raw: RawColumn, all: Float64Array, type: NumberColumn["type"]): Column {
  const values = finite(all);
  const { distinct, whole, low, high, rarest, present } = judge(values);
  if (present === 0) return leftOut(known, "constant", raw, "every cell is missing");
  if (distinct === 1 && known.missing === 0) return leftOut(known, "constant", raw, `always ${String(low)}`);
  const as: TypeName = known.as ?? type;
  if (type !== "number") return { ...known, type, as, values };
  if (distinct === 2 && low === 0 && high === 1 && whole) return { ...known, type: "boolean", as: "boolean", values };
  if (whole && distinct === values.length && values.length >= fewRows && (high - low === values.length - 1 || isIdName(known.name))) {
    return leftOut(known, "id", raw, "a different whole number in every row");
  }
  const common = Math.max(fewRows, codes.share * present);
  if (whole && distinct >= codes.fewest && distinct <= codes.most && rarest >= common) {
    return categoryOf({ ...known, as: "integer-category" }, textsOfNumbers(values), values.length, "integer-category");
  }
  return { ...known, type: "number", as, values };
}

function booleanOf(
  known: Known,
  raw: RawColumn & { readonly kind: "text" },
  words: readonly [string, string],
  options: InferOptions,
): NumberColumn {
  const values = Float64Array.from({ length: raw.cells.length });
  let i = 0;
  for (const text of orMissing(raw.cells, options.missing)) values[i++] = text === undefined ? NaN : words.indexOf(text.toLowerCase());
  return { ...known, type: "boolean", as: "boolean", values, remark: `${words[1]} is 1, ${words[0]} 0` };
}

const isSentence = (text: string): boolean =>
  text.length > sentence.letters || text.split(/\s+/, sentence.words + 1).length > sentence.words;

function inferTexts(known: Known, raw: RawColumn & { readonly kind: "text" }, options: InferOptions): Column {
  const { cells } = raw;
  const dates = datesIn(cells, options.missing);
  if (typeof dates !== "number") {
    const style = dates.ambiguous ? `${dates.style}: nothing in it says that it is not the day` : dates.style;
    return inferNumbers({ ...known, remark: style, as: `date:${dates.style}` }, raw, dates.values, "date");
  }
  const found = frequencies(presentTexts(cells, options.missing));
  const present = cells.length - known.missing;
  if (found.size === 1 && known.missing === 0) return leftOut(known, "constant", raw, `always ${quoted([...found.keys()][0])}`);
  const lower = new Set([...found.keys()].slice(0, mostSpellings).map(text => text.toLowerCase()));
  const words =
    found.size <= mostSpellings && lower.size === 2 ? booleanWords.find(pair => pair.every(word => lower.has(word))) : undefined;
  if (words !== undefined) return booleanOf(known, raw, words, options);
  const sentences = [...found.keys()].filter(isSentence).length;
  if (sentences > found.size / 2 && found.size > fewRows) return leftOut(known, "text", raw, "sentences");
  if (found.size === present && present >= fewRows) return leftOut(known, "id", raw, "a different text in every row");
  if (found.size > present / 2 && present >= 2 * fewRows)
    return leftOut(known, "text", raw, `${found.size} different texts in ${present} rows`);
  return categoryOf(known, orMissing(cells, options.missing), cells.length);
}

const styleRemark = { plain: undefined, thousands: "commas between thousands", "decimal-comma": "a comma before decimals" } as const;

/** What is known of a column that is one of numbers: how they are written, and that ±∞ counts as missing. */
function ofNumbers({ missing, missingAs, ...known }: Known, { style, infinite }: NumberCells): Known {
  const remark = styleRemark[style];
  return {
    ...known,
    as: `number:${style}`,
    missing: missing + infinite,
    missingAs: infinite === 0 ? missingAs : new Map([...missingAs, ["∞", infinite]]),
    ...(remark === undefined ? {} : { remark }),
  };
}

/** What a column of texts is, if nothing is told. */
function inferText(known: Known, raw: RawColumn & { readonly kind: "text" }, options: InferOptions): Column {
  const numbers = numbersIn(raw.cells, options.missing);
  const present = raw.cells.length - known.missing;
  if (present === 0) return leftOut(known, "constant", raw, "every cell is missing");
  if (numbers.others === 0) {
    if (numbers.codes) return { ...inferTexts(known, raw, options), remark: "begins with 0: a code, no number" };
    return inferNumbers(ofNumbers(known, numbers), raw, numbers.values, "number");
  }
  const mostly = numbers.others <= (1 - mostlyNumbers) * present;
  if (mostly && judge(numbers.values).distinct > codes.most) refuseMixed(raw.name, numbers, options);
  return inferTexts(known, raw, options);
}

function refuseMixed(name: string, { other, others }: NumberCells, options: InferOptions): never {
  const more = others > 1 ? ` and ${count(others - 1, "other cell")} that ${others === 2 ? "is" : "are"} none` : "";
  const [cell] = [quoted(other!.text)];
  return options.refuse(
    `must hold numbers in column ${quoted(name)} as most of its cells are (--missing ${cell} takes that for missing, --types ${JSON.stringify(`${name}=category`)} all for categories)`,
    `${cell} in ${row(options, other!.row)}${more}`,
  );
}

type PlainType = Exclude<TypeName, `${string}:${string}`>;

/** A column as it was told to be. @throws UsageError naming the first cell that is not */
function told(known: Known, raw: RawColumn, as: TypeName, options: InferOptions): Column {
  const [type, style] = as.split(":") as [PlainType, string | undefined];
  if (type === "ignored" || type === "id" || type === "text") return leftOut(known, type, raw, "as you said");
  if (raw.kind !== "text") {
    if (type === "category" || type === "integer-category") return categoryOf(known, textsOfNumbers(raw.values), raw.values.length, type);
    const wrong = type === "boolean" ? raw.values.findIndex(x => Number.isFinite(x) && x !== 0 && x !== 1) : -1;
    if (wrong >= 0) refuseTold(raw.name, type, String(raw.values[wrong]), wrong, options);
    return { ...known, type, as, values: finite(raw.values) };
  }
  switch (type) {
    case "category":
      return categoryOf(known, orMissing(raw.cells, options.missing), raw.cells.length);
    case "integer-category": {
      const numbers = numbersIn(raw.cells, options.missing);
      if (numbers.other !== undefined) refuseTold(raw.name, "number", numbers.other.text, numbers.other.row, options);
      return categoryOf({ ...ofNumbers(known, numbers), as }, textsOfNumbers(numbers.values), numbers.values.length, type);
    }
    case "number": {
      const numbers = numbersIn(raw.cells, options.missing, style as NumberStyle | undefined);
      if (numbers.other !== undefined) refuseTold(raw.name, type, numbers.other.text, numbers.other.row, options);
      return { as, ...ofNumbers(known, numbers), type, values: numbers.values };
    }
    case "date": {
      const dates = datesIn(raw.cells, options.missing, style as DateStyle | undefined);
      if (typeof dates === "number") return refuseTold(raw.name, type, raw.cells.at(dates), dates, options);
      return { ...known, type, as: `date:${dates.style}`, values: dates.values, remark: dates.style };
    }
    case "boolean": {
      const lower = new Set([...frequencies(presentTexts(raw.cells, options.missing)).keys()].map(text => text.toLowerCase()));
      const words = [["0", "1"] as const, ...booleanWords].find(pair => [...lower].every(text => pair.includes(text)));
      if (words !== undefined) return booleanOf(known, raw, words, options);
      const all: readonly string[] = [...booleanWords.flat(), "0", "1"];
      const wrong = [...orMissing(raw.cells, options.missing)].findIndex(text => text !== undefined && !all.includes(text.toLowerCase()));
      return refuseTold(
        raw.name,
        type,
        wrong < 0 ? [...lower].slice(0, 3).join(" and ") : raw.cells.at(wrong),
        Math.max(wrong, 0),
        options,
      );
    }
  }
}

const whatTold: Readonly<Record<"number" | "date" | "boolean", string>> = {
  number: "numbers",
  date: "dates (2024-01-31, 31.1.2024, 1/31/2024)",
  boolean: "yes or no, true or false, 1 or 0",
};

const refuseTold = (name: string, type: keyof typeof whatTold, text: string, index: number, options: InferOptions): never =>
  options.refuse(`must hold ${whatTold[type]} in column ${quoted(name)}`, `${quoted(text)} in ${row(options, index)}`);

/**
 * What a column is: as told, or by what its cells are.
 * @throws UsageError one sentence naming the column and the cell that is not what it should be
 */
export function inferColumn(raw: RawColumn, type: TypeName | undefined, options: InferOptions): Column {
  const missingAs = missingIn(raw, options.missing);
  const known: Known = { name: raw.name, missing: sum(missingAs), missingAs };
  if (type !== undefined) return told(known, raw, type, options);
  if (raw.kind === "text") return inferText(known, raw, options);
  return inferNumbers(known, raw, raw.values, raw.kind);
}
