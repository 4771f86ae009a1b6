import type { TextCells } from "./text-cells.js";

const plain = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const infinite = /^[+-]?(?:inf|infinity|∞)$/i;
/** 1,234.5 */
const grouped = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
/** 3,14 */
const decimalComma = /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/;
/** 007 */
const leadingZero = /^0\d+$/;

/** Whether a text is a number as programs write them. */
export const isNumberText = (text: string): boolean => plain.test(text.trim());

/** How numbers are written in a column. */
export type NumberStyle = "plain" | "thousands" | "decimal-comma";

const readers: Readonly<Record<NumberStyle, (text: string) => number | undefined>> = {
  plain: text => (plain.test(text) ? Number(text) : undefined),
  thousands: text => (grouped.test(text) ? Number(text.replaceAll(",", "")) : plain.test(text) ? Number(text) : undefined),
  "decimal-comma": text => (decimalComma.test(text) ? Number(text.replace(",", ".")) : undefined),
};

/** The cells of a column as numbers. */
export interface NumberCells {
  readonly style: NumberStyle;
  /** NaN for what is missing, infinite, or no number. */
  readonly values: Float64Array;
  /** Number of cells that are no numbers, the first of them and the index of its row. */
  readonly others: number;
  readonly other?: { readonly text: string; readonly row: number };
  /** Number of cells that are ±∞, or too large to be held. */
  readonly infinite: number;
  /** Whether a number begins with a 0 that does not count, as codes do. */
  readonly codes: boolean;
}

function inStyle(cells: TextCells, missing: ReadonlySet<string>, style: NumberStyle): NumberCells {
  const values = new Float64Array(cells.length);
  const read = readers[style];
  let [row, others, endless, codes] = [0, 0, 0, false];
  let other: NumberCells["other"];
  for (const cell of cells) {
    const text = cell.trim();
    const value = missing.has(text) ? NaN : (read(text) ?? (infinite.test(text) ? Infinity : undefined));
    if (value === undefined) {
      other ??= { text, row };
      others++;
    } else if (value === Infinity || value === -Infinity) endless++;
    else codes ||= leadingZero.test(text);
    values[row++] = value !== undefined && Number.isFinite(value) ? value : NaN;
  }
  return { style, values, others, ...(other === undefined ? {} : { other }), infinite: endless, codes };
}

/** Reads the cells of a column as numbers, in the style that is told or in which most of them are numbers. */
export function numbersIn(cells: TextCells, missing: ReadonlySet<string>, told?: NumberStyle): NumberCells {
  if (told !== undefined) return inStyle(cells, missing, told);
  const best = inStyle(cells, missing, "plain");
  if (best.other === undefined || !best.other.text.includes(",")) return best;
  const styles = (["thousands", "decimal-comma"] as const).map(style => inStyle(cells, missing, style));
  return [best, ...styles].reduce((a, b) => (b.others < a.others ? b : a));
}
