import type { HostArray } from "../../tensor/types.js";
import type { Node, Primitive } from "../program.js";

/** Operations whose result is finite where their operands are. */
const keeping: ReadonlySet<Primitive> = new Set<Primitive>([
  "negative",
  "abs",
  "sign",
  "sin",
  "cos",
  "tanh",
  "erf",
  "sigmoid",
  "floor",
  "stopGradient",
  "maximum",
  "minimum",
  "where",
  "reshape",
  "transpose",
  "broadcast",
  "slice",
  "pad",
  "concatenate",
  "flip",
  "take",
]);

/** Whether no element of a node can be NaN or infinite, given the same of its operands. */
export function isFiniteNode(node: Node, operands: readonly boolean[], constants: readonly HostArray[]): boolean {
  if (node.dtype === "int32" || node.dtype === "bool") return true;
  switch (node.op) {
    case "literal":
      return Number.isFinite((node as Node<"literal">).params.value) && isInRange(node as Node<"literal">);
    case "iota":
      return true;
    case "constant":
      return constants[(node as Node<"constant">).params.index].data.every(x => Number.isFinite(x));
    // From a narrower type, or from bool or int32; from float64 to float32 a number may overflow.
    case "cast":
      return operands[0] && node.dtype === "float64";
    default:
      return keeping.has(node.op) && operands.every(Boolean);
  }
}

const isInRange = ({ dtype, params: { value } }: Node<"literal">): boolean => dtype !== "float32" || Number.isFinite(Math.fround(value));
