import { showType } from "../tensor/types.js";
import type { HostArray } from "../tensor/types.js";
import { numberText } from "./encoding.js";
import { isProgram } from "./loops.js";
import type { Node, Program } from "./program.js";

/** Elements of a constant that are shown before the dots. */
const SHOWN = 6;

function showConstant({ data }: HostArray): string {
  const head = Array.from(data.subarray(0, SHOWN), numberText).join(", ");
  return `constant [${head}${data.length > SHOWN ? `, … ${data.length} numbers` : ""}]`;
}

const showParams = (params: object): string =>
  Object.entries(params)
    .map(([name, value]) => ` ${name}=${showParam(value)}`)
    .join("");
function showParam(value: unknown): string {
  if (isProgram(value)) return `{\n${printProgram(value).replace(/^/gm, "  ")}\n}`;
  return Array.isArray(value) ? `[${value.join(",")}]` : String(value);
}

/**
 * A program as text, one line a node; scalar literals stand where they are used, programs within it in braces.
 *
 *     %0 float32[10,40] = input 0 "x"
 *     %2 float32[10,40] = broadcast 2
 *     %3 float32[10,40] = multiply %0 %2
 *     return %3
 */
export function printProgram(program: Program): string {
  const { nodes, outputs } = program,
    returned = new Set(outputs);
  const isInline = (i: number): boolean => nodes[i].op === "literal" && !returned.has(i);
  const operand = (i: number): string => (isInline(i) ? numberText((nodes[i] as Node<"literal">).params.value) : `%${i}`);
  const right = (node: Node): string => {
    switch (node.op) {
      case "input": {
        const { index, name } = (node as Node<"input">).params;
        return name === undefined ? `input ${index}` : `input ${index} ${JSON.stringify(name)}`;
      }
      case "constant":
        return showConstant(program.constants[(node as Node<"constant">).params.index]);
      case "literal":
        return `literal ${numberText((node as Node<"literal">).params.value)}`;
      default:
        return [node.op, ...node.inputs.map(operand)].join(" ") + showParams(node.params);
    }
  };
  const lines = nodes.flatMap((node, i) => (isInline(i) ? [] : [`%${i} ${showType(node)} = ${right(node)}`]));
  return [...lines, `return ${outputs.map(o => `%${o}`).join(", ")}`].join("\n");
}
