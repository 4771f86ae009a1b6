import { sameShape, showType, sizeOf } from "../tensor/types.js";
import type { DType, Shape, Type } from "../tensor/types.js";
import type { Node, Primitive, Primitives } from "./program.js";

/** What a primitive asks of its operands, parameters and result. */
export interface TypingRule<P extends Primitive> {
  /** Number of operands; `"some"` is one or more. */
  readonly operands: number | "some";
  /** Parameters that must be there; others are refused, except those in `optional`. */
  readonly params: readonly (keyof Primitives[P] & string)[];
  readonly optional?: readonly (keyof Primitives[P] & string)[];
  /** The rule that the node breaks, as a clause: "the operands must …"; nothing if all is well. */
  complaint(node: Node<P>, operands: readonly Type[]): string | undefined;
}

export const floats: readonly DType[] = ["float32", "float64"];
export const numbers: readonly DType[] = ["float32", "float64", "int32"];
export const integers: readonly DType[] = ["int32"];
export const bools: readonly DType[] = ["bool"];
export const anything: readonly DType[] = ["float32", "float64", "int32", "bool"];

export const isWhole = (n: unknown, low: number, high: number): boolean =>
  Number.isInteger(n) && (n as number) >= low && (n as number) < high;
export const isWholeList = (list: unknown, length: number, low: number): list is readonly number[] =>
  Array.isArray(list) && list.length === length && list.every(n => isWhole(n, low, Infinity));
export const isAxes = (axes: unknown, rank: number): axes is readonly number[] =>
  Array.isArray(axes) && axes.every((a, i) => isWhole(a, i === 0 ? 0 : (axes[i - 1] as number) + 1, rank));

export const sameType = (a: Type, b: Type): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);
export const mustBe = (node: Node, shape: Shape, dtype: DType): string | undefined =>
  sameType(node, { shape, dtype }) ? undefined : `the result must be ${showType({ shape, dtype })}`;
export const mustHave = (dtypes: readonly DType[], { dtype }: Type): string | undefined =>
  dtypes.includes(dtype) ? undefined : `the element type must be ${dtypes.join(" or ")}`;

/** Primitives without parameters. */
type Bare = { [P in Primitive]: keyof Primitives[P] extends never ? P : never }[Primitive];

export const leaf = { operands: 0 } as const;

export const unary = (dtypes: readonly DType[]): TypingRule<Bare> => ({
  operands: 1,
  params: [],
  complaint: (node, [x]) => mustHave(dtypes, x) ?? mustBe(node, x.shape, x.dtype),
});

export const binary = (dtypes: readonly DType[], result?: DType): TypingRule<Bare> => ({
  operands: 2,
  params: [],
  complaint: (node, [x, y]) =>
    sameType(x, y) ? (mustHave(dtypes, x) ?? mustBe(node, x.shape, result ?? x.dtype)) : "the operands must have one type",
});

export const reduction: TypingRule<"sum" | "max" | "min"> = {
  operands: 1,
  params: ["axes"],
  complaint: (node, [x]) => {
    const { axes } = node.params;
    if (!isAxes(axes, x.shape.length)) return "the axes must be ascending and in range";
    return (
      mustHave(numbers, x)
      ?? mustBe(
        node,
        x.shape.filter((_, i) => !axes.includes(i)),
        x.dtype,
      )
    );
  },
};

/** Whether n elements from `start` in steps of `stride` lie within an axis. */
const fits = (n: number, start: number, stride: number, extent: number): boolean => n === 0 || start + (n - 1) * stride < extent;

/** `part` lies inside `whole` at `start`, `stride`: the rule of `slice` and, with the roles exchanged, of `pad`. */
export const strided = (node: Node<"slice" | "pad">, part: Type, whole: Type): string | undefined => {
  const { start, stride } = node.params,
    rank = whole.shape.length;
  if (part.dtype !== whole.dtype) return "the element type must stay";
  if (part.shape.length !== rank) return "the rank must stay";
  if (!isWholeList(start, rank, 0)) return "start must hold a whole number ≥ 0 for each axis";
  if (!isWholeList(stride, rank, 1)) return "stride must hold a whole number ≥ 1 for each axis";
  return part.shape.every((n, a) => fits(n, start[a], stride[a], whole.shape[a])) ? undefined : "the elements must lie within the array";
};

/** Type of `take(x, indices, axis)`. */
const taken = (x: Type, indices: Type, axis: number): Type => ({
  dtype: x.dtype,
  shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
});

export const indexed = (node: Node<"take" | "scatterAdd">, indices: Type, whole: Type, part: Type): string | undefined => {
  const { axis } = node.params;
  if (!isWhole(axis, 0, whole.shape.length)) return "the axis must be in range";
  if (indices.dtype !== "int32") return "the indices must be int32";
  if (whole.shape[axis] === 0 && sizeOf(indices.shape) > 0) return "the axis must not be empty";
  const expected = taken(whole, indices, axis);
  return sameType(part, expected) ? undefined : `${node.op === "take" ? "the result" : "the first operand"} must be ${showType(expected)}`;
};

export const convolution = { operands: 2, params: ["strides", "padding", "dilation", "groups"] } as const;

/** x, w and y fit as a convolution's operands and result, in whichever roles. */
export const convolved = ({ params }: Node<"conv" | "convInput" | "convKernel">, x: Type, w: Type, y: Type): string | undefined => {
  const { strides, padding, dilation, groups } = params,
    axes = x.shape.length - 2;
  if (axes < 1 || w.shape.length !== axes + 2 || y.shape.length !== axes + 2) return "all arrays must have one rank ≥ 3";
  if (x.dtype !== w.dtype || x.dtype !== y.dtype) return "all arrays must have one element type";
  if (!isWholeList(strides, axes, 1) || !isWholeList(dilation, axes, 1)) return "strides and dilation must be whole numbers ≥ 1";
  if (!Array.isArray(padding) || padding.length !== axes || !padding.every(p => isWholeList(p, 2, -Infinity)))
    return "padding must be two whole numbers for each spatial axis";
  if (!isWhole(groups, 1, Infinity) || w.shape[0] % groups !== 0 || x.shape[1] !== w.shape[1] * groups)
    return "groups must divide the channels, and the kernel must have those of one group";
  if (y.shape[0] !== x.shape[0] || y.shape[1] !== w.shape[0]) return "batch and output channels must agree";
  for (let a = 0; a < axes; a++) {
    const padded = x.shape[a + 2] + padding[a][0] + padding[a][1],
      k = w.shape[a + 2],
      last = padded - (k > 0 ? dilation[a] * (k - 1) + 1 : 0);
    if (padded < 0) return "padding must not cut more than there is";
    if (y.shape[a + 2] !== (last < 0 ? 0 : 1 + Math.floor(last / strides[a]))) return "the spatial extents must agree";
  }
  return mustHave(floats, x);
};

export const squareMatrices = (a: Type): string | undefined => {
  const [m, n] = a.shape.slice(-2);
  return n !== undefined && m === n ? mustHave(floats, a) : "the first operand must be square matrices";
};

export const linearSystem = (node: Node, [a, b]: readonly Type[]): string | undefined => {
  if (a.shape.length !== b.shape.length || !sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1)))
    return "the operands must differ in the last axis only";
  return a.dtype === b.dtype ? (squareMatrices(a) ?? mustBe(node, b.shape, b.dtype)) : "the operands must have one element type";
};
