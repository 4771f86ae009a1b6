import { sizeOf } from "../../tensor/types.js";
import type { Program } from "../program.js";
import type { Rule, Rules } from "./rewriter.js";
import { rewrite } from "./rewrite.js";

/** Nothing to add; signs; all elements in whatever shape. */
const sum: Rule<"sum"> = (node, rewriter) => {
  const [x] = node.inputs,
    { shape } = rewriter.nodes[x];
  if (sizeOf(shape) === 0) return rewriter.full(0, node);
  const minus = rewriter.as(x, "negative")?.inputs[0];
  if (minus !== undefined) return rewriter.apply("negative", rewriter.reduce("sum", minus, node.params.axes));
  const reshaped = rewriter.as(x, "reshape")?.inputs[0];
  if (reshaped === undefined || node.params.axes.length < shape.length) return undefined;
  return rewriter.reduce(
    "sum",
    reshaped,
    rewriter.nodes[reshaped].shape.map((_, a) => a),
  );
};

/** Σ over n equal terms = n times one of them. */
const repeated: Rule<"sum"> = (node, rewriter) => {
  const [x] = node.inputs,
    { shape } = rewriter.nodes[x],
    source = rewriter.as(x, "broadcast")?.inputs[0];
  if (source === undefined) return undefined;
  const own = rewriter.nodes[source].shape,
    aligned = [...new Array<number>(shape.length - own.length).fill(1), ...own];
  const { axes } = node.params,
    spread = axes.filter(a => aligned[a] !== shape[a]);
  if (spread.length === 0) return undefined;
  const rest = axes.filter(a => aligned[a] === shape[a]),
    kept = aligned.filter((_, a) => !axes.includes(a));
  const once = rewriter.reshape(rest.length > 0 ? rewriter.reduce("sum", rewriter.reshape(source, aligned), rest) : source, kept);
  const count = rewriter.full(
    spread.reduce((n, a) => n * shape[a], 1),
    { shape: kept, dtype: node.dtype },
  );
  return rewriter.broadcast(rewriter.apply("multiply", once, count), node.shape);
};

export const sumRules: Rules = { sum: [sum, repeated] };

/**
 * Sums of what is empty, negative, reshaped or repeated. Bit-identical, but for the last: n equal terms become one
 * multiplication by n, which rounds once where adding rounds up to n − 1 times (relative difference ≤ n·2⁻⁵³ in float64).
 */
export const simplifySums = (program: Program): Program => rewrite(program, sumRules);
