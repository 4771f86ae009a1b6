import { sizeOf } from "../../tensor/types.js";
import type { Shape } from "../../tensor/types.js";
import type { Program } from "../program.js";
import { primitivesOf } from "../traits.js";
import type { Rule, Rules } from "./rewriter.js";
import { rewrite } from "./rewrite.js";

/** The shape that NumPy's rule gives to arrays which fit. */
function commonShape(shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map(s => s.length));
  return Array.from({ length: rank }, (_, i) => shapes.map(s => s[s.length - rank + i] ?? 1).find(d => d !== 1) ?? 1);
}

/** f(broadcast x, broadcast y) = broadcast f(x, y), where that is less work. */
const sink: Rule = (node, rewriter) => {
  if (!node.inputs.every(i => rewriter.as(i, "broadcast"))) return undefined;
  const sources = node.inputs.map(i => rewriter.nodes[i].inputs[0]),
    shape = commonShape(sources.map(i => rewriter.nodes[i].shape));
  if (sizeOf(shape) >= sizeOf(node.shape)) return undefined;
  const small = rewriter.add(
    node.op,
    sources.map(i => rewriter.broadcast(i, shape)),
    { shape, dtype: node.dtype },
    node.params,
  );
  return rewriter.broadcast(small, node.shape);
};

/** max(broadcast x) = max x over the axes that are not repeated. */
const extremum: Rule<"max" | "min"> = (node, rewriter) => {
  const [x] = node.inputs,
    { shape } = rewriter.nodes[x],
    source = rewriter.as(x, "broadcast")?.inputs[0];
  if (source === undefined || sizeOf(shape) === 0) return undefined;
  const own = rewriter.nodes[source].shape,
    aligned = [...new Array<number>(shape.length - own.length).fill(1), ...own];
  const { axes } = node.params,
    repeated = axes.filter(a => aligned[a] === 1);
  if (!repeated.some(a => shape[a] > 1)) return undefined;
  const kept = rewriter.reduce(node.op, rewriter.reshape(source, aligned), axes);
  return rewriter.broadcast(kept, node.shape);
};

export const broadcastRules: Rules = {
  ...Object.fromEntries(primitivesOf("elementwise").map(op => [op, [sink]])),
  max: [extremum],
  min: [extremum],
};

/** Computes before repeating what would be computed many times alike. Bit-identical. */
export const sinkBroadcasts = (program: Program): Program => rewrite(program, broadcastRules);
