import { fail } from "../error.js";
import { checkShape } from "../host.js";
import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import { workingPrecision } from "../precision.js";
import { isFloat, showType } from "../types.js";
import type { Operand, Value } from "../value.js";
import { iota } from "./create.js";
import { equal, where } from "./logic.js";
import { convert, promote, spread, valueOf } from "./promote.js";
import { reshape, transpose } from "./shape.js";

/** What `linspace` may be told. */
export interface LinspaceOptions {
  /** Whether the last number is `stop`; absent: it is. */
  readonly endpoint?: boolean;
}

const linspaceKeys: KeysOf<LinspaceOptions> = { endpoint: true };

/**
 * So many numbers at equal distances from start to stop: y_i = start + i (stop − start)/(num − 1), and the last is stop itself. Arrays as bounds give such
 * numbers for each element, along a new first axis. @throws unless num is whole and ≥ 0
 */
export function linspace(start: Operand, stop: Operand, num = 50, options?: LinspaceOptions): Value {
  const { endpoint = true } = checkOptions("linspace", options, linspaceKeys);
  const [n] = checkShape("linspace", [num]);
  const [low, high] = promote("linspace", [start, stop]).map(v => (isFloat(v) ? v : convert(v, workingPrecision())));
  const parts = endpoint ? n - 1 : n;
  const column = [n, ...low.shape.map(() => 1)];
  const i = reshape(iota(n, low.dtype), column);
  const y = i.mul(parts > 0 ? high.sub(low).div(parts) : high.sub(low)).add(low);
  return endpoint && n > 1 ? where(equal(i, n - 1), high, y) : y;
}

/** What `meshgrid` may be told. */
export interface MeshgridOptions {
  /** `"xy"` (absent): the first array runs along the second axis, as in pictures; `"ij"`: along the first. */
  readonly indexing?: "xy" | "ij";
}

const meshgridKeys: KeysOf<MeshgridOptions> = { indexing: true };

/** Coordinates of a grid: each vector repeated along the axes of the others, [n] and [m] → two of [m, n] (`"ij"`: [n, m]). @throws on anything but vectors or scalars */
export function meshgrid(vectors: readonly Operand[], options?: MeshgridOptions): Value[] {
  const { indexing = "xy" } = checkOptions("meshgrid", options, meshgridKeys);
  if (!Array.isArray(vectors)) fail("meshgrid", "takes a list of vectors", typeof vectors);
  if (!["xy", "ij"].includes(indexing)) fail("meshgrid", 'takes "xy" or "ij" as indexing', JSON.stringify(indexing));
  const all = vectors.map((x: Operand) => valueOf("meshgrid", x));
  for (const v of all) if (v.ndim > 1) fail("meshgrid", "takes vectors", showType(v));
  const shape = all.map(v => v.size);
  const rank = all.length;
  const swap = indexing === "xy" && rank > 1;
  const order = shape.map((_, i) => (swap && i < 2 ? 1 - i : i));
  return all.map((v, i) => {
    const along = shape.map((_, axis) => (axis === i ? v.size : 1));
    const grid = spread(reshape(v, along), shape);
    return swap ? transpose(grid, order) : grid;
  });
}
