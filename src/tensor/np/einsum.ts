import { fail } from "../error.js";
import type { Shape } from "../types.js";
import { showType, sizeOf } from "../types.js";
import type { Operand, Value } from "../value.js";
import { matmul } from "./linear.js";
import { lift, numericDType } from "./promote.js";
import { sum } from "./reduce.js";
import { reshape, transpose } from "./shape.js";

const once = (labels: string) => [...labels].every((label, i) => labels.indexOf(label) === i);

/** The labels of both operands and of the result; without "->" the result has those that occur once, in alphabetical order. */
function parse(subscripts: string): readonly [string, string, string] {
  const match = /^([A-Za-z]*),([A-Za-z]*)(?:->([A-Za-z]*))?$/.exec(subscripts.replaceAll(" ", ""));
  if (!match) return fail("einsum", 'takes letters for the axes of two operands, as in "ij,jk->ik"', `"${subscripts}"`);
  const [, a, b, given] = match;
  const single = [...a, ...b].filter(label => a.includes(label) !== b.includes(label));
  const result = given ?? single.sort().join("");
  if (![a, b, result].every(once)) fail("einsum", "takes each letter once an operand and once in the result", `"${subscripts}"`);
  if (![...result].every(label => a.includes(label) || b.includes(label)))
    fail("einsum", "takes letters of the result from those of the operands", `"${subscripts}"`);
  return [a, b, result];
}

/** Axes in the order of some labels, those of a group as one. */
const grouped = (x: Value, labels: string, groups: readonly string[]): Value => {
  const ordered = transpose(
    x,
    [...groups.join("")].map(label => labels.indexOf(label)),
  );
  return reshape(
    ordered,
    groups.map(group => sizeOf([...group].map(label => x.shape[labels.indexOf(label)]))),
  );
};

/**
 * Sum of products of two arrays, as the letters of their axes say: "ij,jk->ik" is the matrix product y_{ik} = Σ_j a_{ij} b_{jk}. Letters that the
 * result lacks are summed over; without "->" the result has the letters that occur once, in alphabetical order. It is computed as one matrix product.
 * @throws on a letter twice in one operand (no diagonals), "...", or axes of one letter that differ in extent
 */
export function einsum(subscripts: string, first: Operand, second: Operand): Value {
  const dtype = numericDType("einsum", [first, second]);
  const [a, b] = [lift("einsum", first, dtype), lift("einsum", second, dtype)];
  const [left, right, result] = parse(subscripts);
  if (left.length !== a.ndim || right.length !== b.ndim)
    fail("einsum", "takes a letter for each axis", `"${subscripts}" for ${showType(a)} and ${showType(b)}`);
  const extentOf = (label: string) => (left.includes(label) ? a.shape[left.indexOf(label)] : b.shape[right.indexOf(label)]);
  const pick = (labels: string, wanted: (label: string) => boolean) => [...labels].filter(wanted).join("");
  const shared = pick(left, label => right.includes(label));
  if ([...shared].some(label => b.shape[right.indexOf(label)] !== extentOf(label)))
    fail("einsum", "needs axes of one letter to have one extent", `"${subscripts}" for ${showType(a)} and ${showType(b)}`);

  // What one operand alone has and the result has not is summed first.
  const alone = (x: Value, own: string, other: string): [Value, string] => {
    const kept = pick(own, label => other.includes(label) || result.includes(label));
    const gone = [...own].flatMap((label, axis) => (kept.includes(label) ? [] : [axis]));
    return [gone.length ? sum(x, gone) : x, kept];
  };
  const [x, xLabels] = alone(a, left, right);
  const [y, yLabels] = alone(b, right, left);
  const batch = pick(shared, label => result.includes(label));
  const summed = pick(shared, label => !result.includes(label));
  const rows = pick(xLabels, label => !shared.includes(label));
  const columns = pick(yLabels, label => !shared.includes(label));

  const groups = batch ? [batch] : [];
  const p = grouped(x, xLabels, [...groups, rows, summed]);
  const q = grouped(y, yLabels, [...groups, summed, columns]);
  const product = summed ? matmul(p, q) : p.mul(q);
  const labels = batch + rows + columns;
  const shape: Shape = [...labels].map(extentOf);
  return transpose(
    reshape(product, shape),
    [...result].map(label => labels.indexOf(label)),
  );
}
