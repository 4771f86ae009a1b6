import { beforeAll, describe, expect, it } from "vitest";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { costOf, nodeCost } from "../../src/program/cost.js";
import type { Node, Primitive, Program } from "../../src/program/program.js";
import { traits } from "../../src/program/traits.js";
import { typingRules } from "../../src/program/typing.js";
import { verifyProgram } from "../../src/program/verify.js";
import type { HostArray, Type } from "../../src/tensor/types.js";
import { allocate, bytesOf } from "../../src/tensor/types.js";
import { worldWithOtherMath } from "../browser/other-math.js";
import { tame } from "../browser/suite/numbers.js";
import type { Example } from "./one-of-each.js";
import { examples, sizes } from "./one-of-each.js";

/** Leaves, and what reads its operand where it lies. */
const free: readonly Primitive[] = ["input", "constant", "literal", "iota", "stopGradient", "reshape", "transpose", "broadcast"];
const all = Object.entries(examples) as [Primitive, readonly Example[]][];
const nodeOf = ({ program, node }: Example): Node => program.nodes[node];
const operandsOf = (example: Example): Type[] => nodeOf(example).inputs.map(i => example.program.nodes[i]);

/** Numbers for the inputs of an example; matrices that are factorized are diagonally dominant and symmetric. */
function numbersFor({ program, node }: Example): HostArray[] {
  const { op } = program.nodes[node];
  return program.inputs.map((type, k) => {
    const array = tame(type, k);
    if (traits[op].kind === "solve" && k === 0) {
      const n = type.shape[type.shape.length - 1];
      array.data.forEach((_, at) => {
        const [i, j] = [Math.floor(at / n) % n, at % n];
        array.data[at] = i === j ? n : 1 / (1 + Math.abs(i - j));
      });
    }
    // Arguments of logarithms and roots.
    if (op === "log" || op === "log1p" || op === "sqrt") array.data.forEach((v, i) => (array.data[i] = Math.abs(v)));
    return array;
  });
}

/**
 * Bytes of the examples of loops: five times a product and a sum of three arrays of two numbers, and a sum of two numbers to one; either way of the
 * choice, of three numbers to three.
 */
const within = { scan: 5 * 8 * (6 + 6 + 3), cond: 8 * 6 };

const bitsOf = (arrays: readonly HostArray[]): string[] =>
  arrays.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex"));
const resultOf = (program: Program, inputs: readonly HostArray[]): HostArray[] => {
  const values = evaluateProgram(program, inputs);
  return program.outputs.map(o => values[o]);
};

it("has well-typed examples of every primitive", () => {
  expect(Object.keys(examples).sort()).toEqual(Object.keys(typingRules).sort());
  for (const [op, some] of all)
    for (const example of some) {
      verifyProgram(example.program);
      expect(nodeOf(example).op).toBe(op);
    }
});

describe.each(all)("%s", (op, some) => {
  it("costs as many operations as plain loops count", () => {
    for (const example of some) {
      const { flops } = nodeCost(example.program, example.node);
      // Linear algebra is counted to leading order; the rest is below 5 % at this size.
      if (traits[op].kind === "solve") expect(Math.abs(flops / example.flops - 1)).toBeLessThan(0.05);
      else expect(flops).toBe(example.flops);
    }
  });

  it("costs the bytes that are read and written", () => {
    for (const example of some) {
      const types = [...operandsOf(example), nodeOf(example)],
        moved = sizes(types).reduce((sum, n, i) => sum + n * bytesOf[types[i].dtype], 0);
      // Loops move what their bodies do.
      const expected = op === "scan" || op === "cond" ? within[op] : free.includes(op) ? 0 : moved;
      expect(nodeCost(example.program, example.node).bytes).toBe(expected);
    }
  });

  it("may be exchanged in its operands only if that changes no bit", () => {
    for (const example of some) {
      const [a, b, ...rest] = operandsOf(example);
      if (traits[op].kind !== "elementwise" || b === undefined || rest.length > 0) {
        expect(traits[op].commutative).toBe(false);
        continue;
      }
      const many = [tame({ ...a, shape: [40] }, 1), tame({ ...b, shape: [40] }, 2)],
        { params, dtype } = nodeOf(example);
      const program: Program = {
        inputs: many.map(({ shape, dtype }) => ({ shape, dtype })),
        constants: [],
        nodes: [
          ...many.map((x, index): Node => ({ op: "input", inputs: [], params: { index }, shape: x.shape, dtype: x.dtype })),
          { op, inputs: [0, 1], params, shape: [40], dtype },
        ],
        outputs: [2],
      };
      const [given, exchanged] = [many, [...many].reverse()].map(inputs => bitsOf(resultOf(program, inputs)));
      expect(JSON.stringify(given) === JSON.stringify(exchanged)).toBe(traits[op].commutative);
    }
  });
});

it("counts a loop once, however many results are used", () => {
  const { program, node } = examples.scan[0],
    own = program.nodes[node] as Node<"scan">,
    also: Node<"scan"> = { ...own, shape: [5], params: { ...own.params, result: 1 } };
  const both = { ...program, nodes: [...program.nodes, also], outputs: [node, node + 1] };
  verifyProgram(both);
  expect(costOf(both)).toEqual(costOf(program));
  expect(costOf(program).flops).toBe(30);
});

/** Examples of floating point operations that say that their results are finite where their operands are. */
const finite = all.flatMap(([op, some]) => {
  const claims = traits[op].finite as (node: Node, operands: readonly boolean[], constants: readonly HostArray[]) => boolean;
  const claimed = some.filter(example => {
    const operands = operandsOf(example).map(() => true);
    return nodeOf(example).dtype === "float64" && claims(nodeOf(example), operands, example.program.constants);
  });
  return claimed.length > 0 ? [[op, claimed] as const] : [];
});

it.each(finite)("%s is finite on the largest and smallest numbers, as it says", (_, some) => {
  const extremes = [Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -0, 1e300, -1e-300];
  for (const { program } of some)
    for (let turn = 0; turn < extremes.length; turn++) {
      const inputs = program.inputs.map((type, k): HostArray => {
        if (type.dtype !== "float64") return tame(type, k);
        const data = allocate(type).map((_: number, i: number) => extremes[(i + k + turn) % extremes.length]) as Float64Array;
        return { ...type, data };
      });
      for (const { data } of resultOf(program, inputs)) expect(data.every(x => Number.isFinite(x))).toBe(true);
    }
});

describe("bits", () => {
  let evaluateElsewhere: (program: Program, inputs: readonly HostArray[]) => HostArray[];
  beforeAll(async () => {
    evaluateElsewhere = (await worldWithOtherMath()).evaluate;
  });

  it.each(all)("of %s are its own where another engine's Math would change them", (op, some) => {
    const differs = some.some(example => {
      const inputs = numbersFor(example),
        [here, there] = [evaluateProgram, evaluateElsewhere].map(evaluate => evaluate(example.program, inputs)[example.node]);
      return JSON.stringify(bitsOf([here])) !== JSON.stringify(bitsOf([there]));
    });
    expect(traits[op].bits).toBe(differs ? "own" : "exact");
  });
});
