import { fail } from "../error.js";
import { apply } from "../operation.js";
import { showType } from "../types.js";
import type { Value } from "../value.js";
import { broadcastShapes, convert, promote, spread } from "./promote.js";
import { reshape } from "./shape.js";

/** a and b in one floating point dtype. */
function unify(who: string, a: Value, b: Value): [Value, Value] {
  if (a.ndim === 0 || b.ndim === 0) fail(who, "takes arrays with at least one axis", `${showType(a)} and ${showType(b)}`);
  const dtype =
    a.dtype === b.dtype && a.dtype !== "bool"
      ? a.dtype
      : promote(who, [reshape(a, [-1]).slice([0, 1]).sum(), reshape(b, [-1]).slice([0, 1]).sum()])[0].dtype;
  return [convert(a, dtype), convert(b, dtype)];
}

/** Matrix product over the last two axes, leading axes broadcast; a vector counts as a row on the left, a column on the right. @throws if inner extents differ */
export function matmul(a: Value, b: Value): Value {
  const [x, y] = unify("matmul", a, b);
  const inner = x.shape[x.ndim - 1],
    outer = y.shape[y.ndim === 1 ? 0 : y.ndim - 2];
  if (inner !== outer) fail("matmul", "needs inner extents that agree", `${showType(a)} · ${showType(b)}`);
  if (x.ndim === 1 || y.ndim === 1) {
    const left = x.ndim === 1 ? reshape(x, [1, inner]) : x,
      right = y.ndim === 1 ? reshape(y, [inner, 1]) : y,
      z = matmul(left, right);
    return reshape(z, [
      ...z.shape.slice(0, -2),
      ...(x.ndim === 1 ? [] : z.shape.slice(-2, -1)),
      ...(y.ndim === 1 ? [] : z.shape.slice(-1)),
    ]);
  }
  // One matrix on the right serves all rows of the left: no need to repeat it.
  if (y.ndim === 2 && x.ndim > 2) return reshape(apply("matmul", [reshape(x, [-1, inner]), y], {}), [...x.shape.slice(0, -1), y.shape[1]]);
  const corner = (v: Value) =>
    reshape(v.slice(...v.shape.map((d, i) => (i < v.ndim - 2 ? null : [0, Math.min(1, d)]))), v.shape.slice(0, -2));
  const lead = x.ndim === 2 && y.ndim === 2 ? [] : broadcastShapes("matmul", [corner(x), corner(y)]);
  return apply("matmul", [spread(x, [...lead, ...x.shape.slice(-2)]), spread(y, [...lead, ...y.shape.slice(-2)])], {});
}

/** Inner product over the last axis of a and the second-to-last (or only) axis of b. */
export function dot(a: Value, b: Value): Value {
  if (a.ndim === 0 || b.ndim === 0) return a.mul(b);
  if (a.ndim === 1 && b.ndim === 1) {
    if (a.shape[0] !== b.shape[0]) fail("dot", "needs vectors of one length", `${showType(a)} · ${showType(b)}`);
    return a.mul(b).sum();
  }
  if (b.ndim <= 2) return matmul(a, b);
  return fail("dot", "takes a right operand of at most two axes (use matmul)", showType(b));
}

/** All products of two vectors: [m], [n] → [m, n]. */
export function outer(a: Value, b: Value): Value {
  return reshape(a, [-1, 1]).mul(reshape(b, [1, -1]));
}
