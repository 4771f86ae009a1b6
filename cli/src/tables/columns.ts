import type { RawColumn } from "./raw.js";

/** What a column may be told to be. What stands behind a colon is how it is written, which is found if it is not told. */
export const typeNames = [
  "number",
  "number:plain",
  "number:thousands",
  "number:decimal-comma",
  "category",
  "integer-category",
  "boolean",
  "date",
  "date:year-first",
  "date:day-first",
  "date:month-first",
  "text",
  "id",
  "ignored",
] as const;
export type TypeName = (typeof typeNames)[number];

interface Common {
  readonly name: string;
  /** Number of cells that are missing, and what stood there. */
  readonly missing: number;
  readonly missingAs: ReadonlyMap<string, number>;
  /** What reads the same column of another file in the same way. */
  readonly as: TypeName;
  /** What was decided about it, in a few words. */
  readonly remark?: string;
}

/** Numbers; dates as days since 1970; booleans as 0 and 1. NaN is missing, ±∞ do not occur. */
export interface NumberColumn extends Common {
  readonly type: "number" | "date" | "boolean";
  readonly values: Float64Array;
}

/** Values of a kind that has no order: which of the levels a row has, −1 for none. */
export interface CategoryColumn extends Common {
  readonly type: "category" | "integer-category";
  readonly codes: Int32Array;
  readonly levels: readonly string[];
}

/** A column that nothing is learned from, as its file has it. */
export interface LeftOutColumn extends Common {
  readonly type: "text" | "id" | "constant" | "ignored";
  readonly raw: RawColumn;
}

export type Column = NumberColumn | CategoryColumn | LeftOutColumn;
export type FeatureColumn = NumberColumn | CategoryColumn;

export const isNumeric = (column: Column): column is NumberColumn =>
  column.type === "number" || column.type === "date" || column.type === "boolean";
export const isCategory = (column: Column): column is CategoryColumn => column.type === "category" || column.type === "integer-category";

/** The column of one of a picture's numbers. */
export const pixelName = (place: number): string => `pixel[${place}]`;
const isPixel = ({ name }: Column): boolean => /^pixel\[\d+\]$/.test(name);

/** Whether the rows are pictures and the columns their pixels, and not something that was made of them elsewhere. */
export const hasPixels = ({ files, columns }: Pick<Table, "files" | "columns">): boolean => files !== undefined && columns.every(isPixel);

/** Whether something is learned from it. */
export const isFeature = (column: Column): column is FeatureColumn => isNumeric(column) || isCategory(column);

/** What is to be learned: a class a row, or a number. */
export type Label =
  | {
      readonly kind: "classes";
      readonly name: string;
      /** Numbers in their order, otherwise by their letters. */
      readonly classes: readonly string[];
      readonly codes: Int32Array;
      /** Rows of each class. */
      readonly counts: readonly number[];
    }
  | { readonly kind: "number"; readonly name: string; readonly values: Float64Array };

/** A file with the types of its columns. */
export interface Table {
  readonly file: string;
  readonly format: string;
  readonly rowCount: number;
  /** Rows that the file has: more, if some are left out or these are a sample. */
  readonly totalRows: number;
  /** For each row its number in the file: 0 for the first that holds data. */
  readonly rowNumbers: Int32Array;
  /** All but the label, in the order of the file. */
  readonly columns: readonly Column[];
  readonly label?: Label;
  /** Sentences about what was decided. */
  readonly notes: readonly string[];
  /** The file that each row came from, where each has its own: pictures. */
  readonly files?: readonly string[];
}

/** Texts in the order in which people count or spell them: numbers by their size, others by their letters. */
export const inOrder = (texts: Iterable<string>): string[] => {
  const all = [...texts];
  const numbers = all.every(text => text.trim() !== "" && Number.isFinite(Number(text)));
  return numbers ? all.sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1)) : all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
};
