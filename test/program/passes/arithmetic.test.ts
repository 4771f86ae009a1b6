import { expect, it } from "vitest";
import { simplifyArithmetic } from "../../../src/program/passes/simplify-arithmetic.js";
import { simplifyLogic } from "../../../src/program/passes/simplify-logic.js";
import { optimize } from "../../../src/program/passes/index.js";
import { outputsOf, sketch } from "../support.js";
import { suite } from "./suite.js";

suite("simplifyArithmetic", simplifyArithmetic, [
  [
    "x + 0, 0 + x, x − 0",
    s => {
      const x = s.x(2),
        zero = s.full(0, [2]);
      return [s.op("add", x, zero), s.op("add", zero, x), s.op("subtract", x, zero)];
    },
    "return %0, %0, %0",
  ],
  ["0 − x", s => s.op("subtract", s.full(0, [2]), s.x(2)), "%1 float64[2] = negative %0\nreturn %1"],
  [
    "x·1, 1·x, x/1",
    s => {
      const x = s.x(2),
        one = s.full(1, [2]);
      return [s.op("multiply", x, one), s.op("multiply", one, x), s.op("divide", x, one)];
    },
    "return %0, %0, %0",
  ],
  ["x·(−1) and −(−x)", s => s.op("negative", s.op("multiply", s.x(2), s.full(-1, [2]))), "return %0"],
  [
    "x·0 stays: x may be infinite",
    s => s.op("multiply", s.x(2), s.full(0, [2])),
    "%2 float64[2] = broadcast 0\n%3 float64[2] = multiply %0 %2\nreturn %3",
  ],
  [
    "b·0 of a bool is 0",
    s => s.op("multiply", s.add("cast", [s.input([2], "bool")], [2], "float64", {}), s.full(0, [2])),
    "%2 float64[2] = broadcast 0\nreturn %2",
  ],
  [
    "a + (−b), (−a) + b, a − (−b)",
    s => {
      const x = s.x(2),
        y = s.x(2);
      return [s.op("add", x, s.op("negative", y)), s.op("add", s.op("negative", x), y), s.op("subtract", x, s.op("negative", y))];
    },
    "%2 float64[2] = subtract %0 %1\n%3 float64[2] = subtract %1 %0\n%4 float64[2] = add %0 %1\nreturn %2, %3, %4",
  ],
  ["−(a − b)", s => s.op("negative", s.op("subtract", s.x(2), s.x(2))), "%2 float64[2] = subtract %1 %0\nreturn %2"],
  [
    "signs of factors",
    s => {
      const x = s.x(2),
        y = s.x(2);
      return [s.op("multiply", s.op("negative", x), s.op("negative", y)), s.op("add", y, s.op("multiply", s.op("negative", x), y))];
    },
    "%2 float64[2] = multiply %0 %1\n%3 float64[2] = subtract %1 %2\nreturn %2, %3",
  ],
  [
    "−(0.1 x)",
    s => s.op("negative", s.op("multiply", s.x(2), s.full(0.1, [2]))),
    "%2 float64[2] = broadcast -0.1\n%3 float64[2] = multiply %0 %2\nreturn %3",
  ],
  [
    "x·0.1·4: exact with one factor",
    s => s.op("multiply", s.op("multiply", s.x(2), s.full(0.1, [2])), s.full(4, [2])),
    "%2 float64[2] = broadcast 0.4\n%3 float64[2] = multiply %0 %2\nreturn %3",
  ],
  [
    "x·0.1·0.3 stays: one factor would round otherwise",
    s => s.op("multiply", s.op("multiply", s.x(2), s.full(0.1, [2])), s.full(0.3, [2])),
    "%2 float64[2] = broadcast 0.1\n%3 float64[2] = multiply %0 %2\n%5 float64[2] = broadcast 0.3\n%6 float64[2] = multiply %3 %5\nreturn %6",
  ],
  [
    "x/4 but not x/3",
    s => {
      const x = s.x(2);
      return [s.op("divide", x, s.full(4, [2])), s.op("divide", x, s.full(3, [2]))];
    },
    "%2 float64[2] = broadcast 0.25\n%3 float64[2] = multiply %0 %2\n%5 float64[2] = broadcast 3\n%6 float64[2] = divide %0 %5\nreturn %3, %6",
  ],
  [
    "x + x",
    s => {
      const x = s.x(2);
      return s.op("add", x, x);
    },
    "%2 float64[2] = broadcast 2\n%3 float64[2] = multiply %0 %2\nreturn %3",
  ],
  [
    "| −x |, max(x, x)",
    s => {
      const x = s.x(2);
      return [s.op("abs", s.op("negative", x)), s.op("maximum", x, x)];
    },
    "%1 float64[2] = abs %0\nreturn %1, %0",
  ],
]);

it("x·0 keeps NaN and infinity", () => {
  const program = sketch(s => s.op("multiply", s.x(3), s.full(0, [3])));
  const [y] = outputsOf(optimize(program), [{ shape: [3], dtype: "float64", data: Float64Array.of(NaN, Infinity, 1) }]);
  expect(Array.from(y.data)).toEqual([NaN, NaN, 0]);
});

suite("simplifyLogic", simplifyLogic, [
  [
    "where(c, x, x), where(true, x, y), where(not c, x, y)",
    s => {
      const c = s.input([2], "bool"),
        x = s.x(2),
        y = s.x(2),
        yes = s.broadcast(s.literal(1, "bool"), 2);
      return [s.op("where", c, x, x), s.op("where", yes, x, y), s.op("where", s.op("not", c), x, y)];
    },
    "%3 float64[2] = where %0 %2 %1\nreturn %1, %1, %3",
  ],
  [
    "casts that lose nothing, stopGradient",
    s => {
      const c = s.input([2], "bool"),
        i = s.add("cast", [c], [2], "int32", {}),
        x = s.op("stopGradient", s.x(2));
      return [s.add("cast", [i], [2], "float64", {}), s.add("cast", [x], [2], "float64", {})];
    },
    "%2 float64[2] = cast %0\nreturn %2, %1",
  ],
  [
    "a cast that loses stays",
    s => s.add("cast", [s.add("cast", [s.x(2)], [2], "float32", {})], [2], "float64", {}),
    "%1 float32[2] = cast %0\n%2 float64[2] = cast %1\nreturn %2",
  ],
  [
    "not not, x and x, x or true, x and true",
    s => {
      const c = s.input([2], "bool"),
        yes = s.broadcast(s.literal(1, "bool"), 2);
      return [s.op("not", s.op("not", c)), s.op("and", c, c), s.op("or", c, yes), s.op("and", yes, c)];
    },
    "%2 bool[2] = broadcast 1\nreturn %0, %0, %2, %0",
  ],
]);
