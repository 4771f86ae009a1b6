import { featureNames, widthOf, type Encoding } from "../tables/encoding.js";

/** What shares a penalty: the features of a column, each feature alone, or all. */
export type Grouping = "columns" | "features" | "all";

/** Which penalty each feature has. */
export interface Groups {
  readonly names: readonly string[];
  /** For each feature its group. */
  readonly of: Int32Array;
}

/** Groups of an encoding's features. */
export function groupsOf(encoding: Encoding, by: Grouping): Groups {
  const features = featureNames(encoding);
  if (by === "features") return { names: features, of: Int32Array.from(features.keys()) };
  if (by === "all") return { names: ["all"], of: new Int32Array(features.length) };
  const used = encoding.columns.filter(column => widthOf(column) > 0);
  return {
    names: used.map(({ name }) => name),
    of: Int32Array.from(used.flatMap((column, group) => Array.from({ length: widthOf(column) }, () => group))),
  };
}

/**
 * The penalties of other groups by their names: an encoding that is learned from more rows may have a level, or a column, that the first had not; it has the
 * geometric mean of the others. What stands behind the groups, the penalty of a second layer, stays.
 */
export function penaltiesFor(groups: Groups, known: Groups, penalties: readonly number[]): number[] {
  const count = known.names.length;
  const mean = Math.exp(penalties.slice(0, count).reduce((sum, x) => sum + Math.log(x), 0) / count);
  const at = new Map(known.names.map((name, i) => [name, penalties[i]]));
  return [...groups.names.map(name => at.get(name) ?? mean), ...penalties.slice(count)];
}
