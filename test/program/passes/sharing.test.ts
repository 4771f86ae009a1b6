import { expect, it } from "vitest";
import { eliminateDeadCode } from "../../../src/program/passes/dead-code.js";
import { shareCommonSubexpressions } from "../../../src/program/passes/common-subexpressions.js";
import { foldConstants } from "../../../src/program/passes/fold-constants.js";
import { sketch } from "../support.js";
import { suite } from "./suite.js";

suite("eliminateDeadCode", eliminateDeadCode, [
  [
    "leaves out what no output needs, and its constant",
    s => {
      const x = s.x(2);
      s.op("exp", x);
      s.constant({ shape: [2], dtype: "float64", data: new Float64Array(2) });
      const c = s.constant({ shape: [2], dtype: "float64", data: new Float64Array([1, 2]) });
      return s.op("add", x, c);
    },
    "%1 float64[2] = constant [1, 2]\n%2 float64[2] = add %0 %1\nreturn %2",
  ],
]);

it("eliminateDeadCode keeps unused inputs and gives back a program without dead code", () => {
  const program = sketch(s => [s.x(2), s.x(3)].slice(0, 1));
  expect(eliminateDeadCode(program)).toBe(program);
});

suite("shareCommonSubexpressions", shareCommonSubexpressions, [
  [
    "equal nodes, through their operands",
    s => {
      const x = s.x(2);
      return s.op("add", s.op("exp", s.op("negative", x)), s.op("exp", s.op("negative", x)));
    },
    "%1 float64[2] = negative %0\n%2 float64[2] = exp %1\n%3 float64[2] = add %2 %2\nreturn %3",
  ],
  [
    "exchanged operands of a commutative operation",
    s => {
      const x = s.x(2),
        y = s.x(2);
      return s.op("subtract", s.op("multiply", x, y), s.op("multiply", y, x));
    },
    "%2 float64[2] = multiply %0 %1\n%3 float64[2] = subtract %2 %2\nreturn %3",
  ],
  [
    "not those of another",
    s => {
      const x = s.x(2),
        y = s.x(2);
      return s.op("add", s.op("subtract", x, y), s.op("subtract", y, x));
    },
    "%2 float64[2] = subtract %0 %1\n%3 float64[2] = subtract %1 %0\n%4 float64[2] = add %2 %3\nreturn %4",
  ],
  [
    "equal constants, but not 0 and −0",
    s => {
      const c = (...v: number[]): number => s.constant({ shape: [v.length], dtype: "float64", data: Float64Array.from(v) });
      return [s.op("add", c(1, 0), c(1, 0)), s.op("add", c(1, 0), c(1, -0))];
    },
    "%0 float64[2] = constant [1, 0]\n%1 float64[2] = add %0 %0\n%2 float64[2] = constant [1, -0]\n%3 float64[2] = add %0 %2\nreturn %1, %3",
  ],
]);

suite("foldConstants", foldConstants, [
  [
    "one number stays a broadcast literal",
    s => s.op("divide", s.full(1, [10, 10]), s.full(8, [10, 10])),
    "%1 float64[10,10] = broadcast 0.125\nreturn %1",
  ],
  [
    "small results become constants",
    s => {
      const c = s.constant({ shape: [2, 2], dtype: "float64", data: Float64Array.of(1, 2, 3, 4) });
      return s.op("add", s.transpose(s.matmul(c, c), 1, 0), s.full(1, [2, 2]));
    },
    "%0 float64[2,2] = constant [8, 16, 11, 23]\nreturn %0",
  ],
  [
    "large ones do not",
    s => s.op("sqrt", s.constant({ shape: [4097], dtype: "float64", data: new Float64Array(4097).map((_, i) => i) })),
    "%0 float64[4097] = constant [0, 1, 2, 3, 4, 5, … 4097 numbers]\n%1 float64[4097] = sqrt %0\nreturn %1",
  ],
  ["exp is left to the executor: engines differ in it", s => s.op("exp", s.literal(1, "float64")), "%1 float64[] = exp 1\nreturn %1"],
  [
    "float32 is rounded as it runs",
    s => s.add("add", [s.literal(0.1, "float32"), s.literal(0.2, "float32")], [], "float32", {}),
    "%0 float32[] = literal 0.30000001192092896\nreturn %0",
  ],
]);
