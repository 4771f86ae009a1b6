import { fail } from "ufom/internal/tensor/error";

/** Rows of numbers with a number each that is to be predicted: `features` holds n × d standardized numbers, row by row. */
export interface ValuedRows {
  readonly features: Float32Array;
  readonly values: Float64Array;
}

/** What is to be cleaned where numbers are predicted. */
export interface RegressionInput {
  /** Rows whose values may be wrong. */
  readonly rows: ValuedRows;
  /** Numbers in a row. */
  readonly width: number;
  /** Rows whose values are known to be right. None of them is also among the rows to be cleaned. */
  readonly trusted?: ValuedRows;
  /** 1 for a row whose value somebody has looked at since: it is right, but it was looked at because it seemed wrong, so it shows nothing about others. */
  readonly settled?: Uint8Array;
}

/** Fewer rows show neither how right values scatter nor which do not. */
export const leastRows = 20;
/** Fewer trusted rows are not in every part of the cross-fit. */
export const leastTrusted = 5;

function checkRows(who: string, { features, values }: ValuedRows, width: number, least: number): void {
  if (values.length < least) fail(who, `must be at least ${least}`, `${values.length}`);
  if (features.length !== values.length * width)
    fail(who, `must be ${values.length} values × ${width} numbers`, `${features.length} numbers`);
  const odd = features.findIndex(x => !Number.isFinite(x));
  if (odd >= 0)
    fail(who, "must be finite numbers", `${features[odd]} in row ${Math.floor(odd / width)}, column ${odd % width}, both from 0`);
  const value = values.findIndex(y => !Number.isFinite(y));
  if (value >= 0) fail(who, "must have finite values", `${values[value]} in row ${value}, from 0`);
}

/** @throws UfomError in one sentence if these are no rows that can be cleaned */
export function checkRegression({ rows, width, trusted, settled }: RegressionInput): void {
  if (!Number.isSafeInteger(width) || width < 1) fail("clean", "needs at least one column of features", `${width}`);
  checkRows("clean's rows", rows, width, leastRows);
  const { values } = rows;
  if (values.every(y => y === values[0])) fail("clean", "needs values that differ", `${values[0]} in every row`);
  if (trusted !== undefined) checkRows("clean's trusted rows", trusted, width, leastTrusted);
  if (settled !== undefined && settled.length !== values.length)
    fail("clean's settled rows", `must be marked row by row, ${values.length} of them`, `${settled.length} marks`);
}
