import type { DType } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import type { Rewriter, Rule, Rules } from "./rewriter.js";
import { rewrite } from "./rewrite.js";

/** Smallest normal number: from here on up a power of two changes the exponent alone. */
const NORMAL: Record<DType, number> = { float32: 2 ** -126, float64: 2 ** -1022, int32: 1, bool: 1 };

const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";
const isNormal = (x: number, dtype: DType): boolean =>
  Math.abs(x) >= NORMAL[dtype] && Number.isFinite(dtype === "float32" ? Math.fround(x) : x);

/** Whether multiplying by x is exact (where the result neither overflows nor is subnormal). */
function isPowerOfTwo(x: number): boolean {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  return isNormal(x, "float64") && (bits.getUint32(0) & 0xfffff) === 0 && bits.getUint32(4) === 0;
}

const negated = (rewriter: Rewriter, x: number): number | undefined => rewriter.as(x, "negative")?.inputs[0];

/** −(−x) = x, −(a − b) = b − a, −(c·x) = (−c)·x. */
const negative: Rule<"negative"> = (node, rewriter) => {
  const [x] = node.inputs,
    inner = negated(rewriter, x);
  if (inner !== undefined) return inner;
  const difference = rewriter.as(x, "subtract");
  if (difference) return rewriter.apply("subtract", difference.inputs[1], difference.inputs[0]);
  const scaled = isFloat(node.dtype) ? scaling(rewriter, x) : undefined;
  return scaled && rewriter.apply("multiply", scaled.x, rewriter.full(-scaled.by, node));
};

/** |−x| = |x|, ||x|| = |x|. */
const abs: Rule<"abs"> = (node, rewriter) => {
  const [x] = node.inputs,
    inner = negated(rewriter, x);
  return inner !== undefined ? rewriter.apply("abs", inner) : rewriter.as(x, "abs") && x;
};

/** What a value is the negative of, if that costs nothing: y of −y, c·y of (−c)·y. */
function opposite(rewriter: Rewriter, x: number): number | undefined {
  const inner = negated(rewriter, x),
    scaled = isFloat(rewriter.nodes[x].dtype) ? scaling(rewriter, x) : undefined;
  if (inner !== undefined || scaled === undefined || !(scaled.by < 0)) return inner;
  return rewriter.apply("multiply", scaled.x, rewriter.full(-scaled.by, rewriter.nodes[x]));
}

/** x + 0 = x, x + x = 2x, a + (−b) = a − b, a + (−c)·b = a − c·b. */
const add: Rule<"add"> = (node, rewriter) => {
  const [x, y] = node.inputs;
  if (x === y && isFloat(node.dtype)) return rewriter.apply("multiply", x, rewriter.full(2, node));
  if (rewriter.uniform(y) === 0) return x;
  if (rewriter.uniform(x) === 0) return y;
  const minusY = opposite(rewriter, y);
  if (minusY !== undefined) return rewriter.apply("subtract", x, minusY);
  const minusX = opposite(rewriter, x);
  return minusX === undefined ? undefined : rewriter.apply("subtract", y, minusX);
};

/** x − 0 = x, 0 − x = −x, a − (−b) = a + b, a − (−c)·b = a + c·b. */
const subtract: Rule<"subtract"> = ({ inputs: [x, y] }, rewriter) => {
  if (rewriter.uniform(y) === 0) return x;
  if (rewriter.uniform(x) === 0) return rewriter.apply("negative", y);
  const minusY = opposite(rewriter, y);
  return minusY === undefined ? undefined : rewriter.apply("add", x, minusY);
};

/** A value as a multiple of another by one number. */
function scaling(rewriter: Rewriter, position: number): { x: number; by: number } | undefined {
  const node = rewriter.as(position, "multiply");
  if (!node) return undefined;
  const [x, y] = node.inputs,
    [a, b] = [rewriter.uniform(x), rewriter.uniform(y)];
  if (b !== undefined) return { x, by: b };
  return a === undefined ? undefined : { x: y, by: a };
}

const multiply: Rule<"multiply"> = (node, rewriter) => {
  const [x, y] = node.inputs,
    [a, b] = [rewriter.uniform(x), rewriter.uniform(y)];
  if (b !== undefined) return scale(rewriter, node, x, b);
  if (a !== undefined) return scale(rewriter, node, y, a);
  const minusX = negated(rewriter, x),
    minusY = negated(rewriter, y);
  if (minusX !== undefined && minusY !== undefined) return rewriter.apply("multiply", minusX, minusY);
  // Signs move outwards, where sums take them in.
  if (minusX !== undefined) return rewriter.apply("negative", rewriter.apply("multiply", minusX, y));
  return minusY === undefined ? undefined : rewriter.apply("negative", rewriter.apply("multiply", x, minusY));
};

/** x·1 = x, x·(−1) = −x, x·0 = 0 if x is surely finite, (−x)·c = x·(−c), (x·c)·d = x·(c·d) if one is a power of two. */
function scale(rewriter: Rewriter, node: Node, x: number, by: number): number | undefined {
  if (by === 1) return x;
  if (by === -1) return rewriter.apply("negative", x);
  if (by === 0) return rewriter.isFinite(x) ? rewriter.full(0, node) : undefined;
  if (!isFloat(node.dtype)) return undefined;
  const minus = negated(rewriter, x);
  if (minus !== undefined) return rewriter.apply("multiply", minus, rewriter.full(-by, node));
  const inner = scaling(rewriter, x);
  if (inner === undefined || !(isPowerOfTwo(by) || isPowerOfTwo(inner.by)) || !isNormal(by * inner.by, node.dtype)) return undefined;
  return rewriter.apply("multiply", inner.x, rewriter.full(by * inner.by, node));
}

/** x/1 = x, x/c = x·(1/c) for a power of two, (−x)/(−y) = x/y, (−x)/y = −(x/y). */
const divide: Rule<"divide"> = (node, rewriter) => {
  const [x, y] = node.inputs,
    by = rewriter.uniform(y);
  if (by === 1) return x;
  if (!isFloat(node.dtype)) return undefined;
  if (by !== undefined && isPowerOfTwo(by) && isNormal(1 / by, node.dtype))
    return rewriter.apply("multiply", x, rewriter.full(1 / by, node));
  const minusX = negated(rewriter, x),
    minusY = negated(rewriter, y);
  if (minusX !== undefined && minusY !== undefined) return rewriter.apply("divide", minusX, minusY);
  if (minusX !== undefined) return rewriter.apply("negative", rewriter.apply("divide", minusX, y));
  return minusY === undefined ? undefined : rewriter.apply("negative", rewriter.apply("divide", x, minusY));
};

/** max(x, x) = x. */
const idempotent: Rule = ({ inputs: [x, y] }) => (x === y ? x : undefined);

export const arithmeticRules: Rules = {
  negative: [negative],
  abs: [abs],
  add: [add],
  subtract: [subtract],
  multiply: [multiply],
  divide: [divide],
  maximum: [idempotent],
  minimum: [idempotent],
};

/**
 * Neutral elements, signs and scale factors. Bit-identical but for the sign of a zero, and except where a chain of
 * scale factors leaves the range of normal numbers on its way.
 */
export const simplifyArithmetic = (program: Program): Program => rewrite(program, arithmeticRules);
