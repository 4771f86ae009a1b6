import type { Type } from "../tensor/types.js";
import { isProgram } from "./loops.js";
import type { Program } from "./program.js";
import { isWhole, mustBe, sameType } from "./typing-rules.js";
import type { TypingRule } from "./typing-rules.js";

/** The types of a program's outputs. The programs within are verified by themselves, before what is around them. */
const outputsOf = ({ nodes, outputs }: Program): Type[] => outputs.map(o => nodes[o]);

const alike = (a: readonly Type[], b: readonly Type[]): boolean => a.length === b.length && a.every((t, i) => sameType(t, b[i]));
const rowsOf = (n: number, { shape, dtype }: Type): Type => ({ shape: [n, ...shape], dtype });

export const scanning: TypingRule<"scan"> = {
  operands: "some",
  params: ["body", "constants", "carry", "length", "reverse", "every", "result"],
  complaint: (node, operands) => {
    const { body, constants, carry, length, reverse, every, result } = node.params;
    if (!isProgram(body)) return "the body must be a program";
    if (typeof reverse !== "boolean") return "reverse must be true or false";
    if (!isWhole(length, 1, Infinity) || !isWhole(every, 1, Infinity)) return "length and every must be whole numbers ≥ 1";
    if (!isWhole(constants, 0, Infinity) || !isWhole(carry, 0, Infinity) || constants + carry > operands.length)
      return "the constants and the carry must be operands";
    const outputs = outputsOf(body),
      carried = operands.slice(constants, constants + carry),
      ys = outputs.slice(carry);
    if (!alike(outputs.slice(0, carry), carried)) return "the body must give a carry like the one it is given";
    const first = constants + carry;
    if (!alike(operands.slice(0, first), body.inputs.slice(0, first))) return "the body must take the constants and the carry";
    const rows = body.inputs.slice(first).map(x => rowsOf(length, x));
    if (!alike(operands.slice(first), rows)) return "the body must take the rows of the other operands, of which there must be length";
    const kept = Math.ceil(length / every),
      results = [...carried, ...ys.map(y => rowsOf(length, y)), ...carried.map(c => rowsOf(kept, c))];
    if (!isWhole(result, 0, results.length)) return `the result must be one of ${results.length}`;
    return mustBe(node, results[result].shape, results[result].dtype);
  },
};

export const choosing: TypingRule<"cond"> = {
  operands: "some",
  params: ["onTrue", "onFalse", "result"],
  complaint: (node, [pred, ...operands]) => {
    const { onTrue, onFalse, result } = node.params;
    if (!isProgram(onTrue) || !isProgram(onFalse)) return "both ways must be programs";
    if (!sameType(pred, { shape: [], dtype: "bool" })) return "the first operand must be one bool";
    if (!alike(operands, onTrue.inputs) || !alike(operands, onFalse.inputs)) return "both ways must take the other operands";
    const results = outputsOf(onTrue);
    if (!alike(results, outputsOf(onFalse))) return "both ways must give the same types";
    if (!isWhole(result, 0, results.length)) return `the result must be one of ${results.length}`;
    return mustBe(node, results[result].shape, results[result].dtype);
  },
};
