import type { DType, Shape } from "./types.js";

/** Numbers of axes, extents or repetitions: as one list, or one by one. */
export type Extents = readonly [list: Shape] | readonly number[];

/** The same with a dtype behind them; a number alone may stand before it too. */
export type TypedExtents =
  readonly [shape: Shape | number, dtype?: DType] | readonly number[] | readonly [...extents: number[], dtype: DType];

/** Extents as a list, however they are given. */
export const listOf = (given: Extents): Shape => (given.length === 1 && Array.isArray(given[0]) ? given[0] : (given as Shape));

/** The shape and the dtype, if there is one. */
export function shapeAndDType(given: TypedExtents): readonly [shape: Shape, dtype: DType | undefined] {
  const last = given.at(-1);
  if (typeof last === "string") return [listOf(given.slice(0, -1) as Extents), last];
  return [listOf((last === undefined ? given.slice(0, -1) : given) as Extents), undefined];
}
