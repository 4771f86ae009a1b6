import { ProgramBuilder } from "../../src/program/builder.js";
import type { Convolution, ElementwisePrimitives, Primitive, Primitives, Program } from "../../src/program/program.js";
import type { DType, HostArray, Shape, Type } from "../../src/tensor/types.js";

/** One operation on inputs, and the arithmetic operations that it takes, counted here by plain loops. */
export interface Example {
  readonly program: Program;
  /** Position of the operation's node. */
  readonly node: number;
  readonly flops: number;
}

const f64 = (...shape: number[]): Type => ({ shape, dtype: "float64" });
const i32 = (...shape: number[]): Type => ({ shape, dtype: "int32" });
const bool = (...shape: number[]): Type => ({ shape, dtype: "bool" });

type Counted<P extends Primitive> = (operands: readonly Type[], result: Type, params: Primitives[P], flops: number) => Example;

const of =
  <P extends Primitive>(op: P): Counted<P> =>
  (operands, { shape, dtype }, params, flops) => {
    const b = new ProgramBuilder(),
      inputs = operands.map(t => b.input(t.shape, t.dtype)),
      node = b.add(op, inputs, shape, dtype, params);
    return { program: b.build([node]), node, flops };
  };

/** How often the body of nested loops over these extents runs. */
function trips(...extents: readonly number[]): number {
  const [first, ...rest] = extents;
  if (first === undefined) return 1;
  let n = 0;
  for (let i = 0; i < first; i++) n += trips(...rest);
  return n;
}

const shapes = [[], [2, 3], [4, 1, 5], [500]];

/** An element-by-element operation over some shapes; `each`: operations an element. */
const elements = (op: keyof ElementwisePrimitives, each: number, operand: DType = "float64", result = operand, operands = 1): Example[] =>
  shapes.map(shape => {
    const x = { shape, dtype: operand };
    return of(op)(new Array<Type>(operands).fill(x), { shape, dtype: result }, {}, each * trips(...shape));
  });
const simple = (op: keyof ElementwisePrimitives): Example[] => elements(op, 1);
/** An elementary function counts as 10 operations. */
const elementary = (op: keyof ElementwisePrimitives): Example[] => elements(op, 10);
const pair = (op: keyof ElementwisePrimitives, operand: DType = "float64", result = operand): Example[] =>
  elements(op, 1, operand, result, 2);

/** Every element is added once. */
const reduction = (op: "sum" | "max" | "min"): Example[] => [
  of(op)([f64(3, 4, 5)], f64(4), { axes: [0, 2] }, trips(3, 4, 5)),
  of(op)([f64(6)], f64(), { axes: [0] }, trips(6)),
];

/** Merging runs of 1, 2, 4, … elements writes every element once a pass. */
function merged(n: number): number {
  let written = 0;
  for (let run = 1; run < n; run *= 2) written += n;
  return written;
}

const convolution: Convolution = {
  strides: [2, 1],
  padding: [
    [1, 0],
    [0, 2],
  ],
  dilation: [1, 2],
  groups: 2,
};
const [x, w, y] = [f64(3, 4, 8, 7), f64(6, 2, 2, 3), f64(3, 6, 4, 5)];
/** For each place of the result and each channel of its group, a multiplication and an addition for each place of the kernel. */
const convolved = 2 * trips(3, 6, 4, 5, 2, 2, 3);

/** Operations of Cholesky's algorithm, column by column. */
function choleskyOperations(n: number): number {
  let count = 0;
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      for (let k = 0; k < j; k++) count += 2;
      count += 1; // the root, or the division by it
    }
  return count;
}

/** Operations of substituting one right-hand side. */
function substitutionOperations(n: number): number {
  let count = 0;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) count += 2;
    count += 1;
  }
  return count;
}

/** Operations of Gaussian elimination. */
function eliminationOperations(n: number): number {
  let count = 0;
  for (let k = 0; k < n; k++)
    for (let i = k + 1; i < n; i++) {
      count += 1;
      for (let j = k + 1; j < n; j++) count += 2;
    }
  return count;
}

const triangle = { lower: true, transpose: false, unitDiagonal: false };
const vector: HostArray = { shape: [3], dtype: "float64", data: Float64Array.of(1, 2, 3) };

function leaves(): Record<"input" | "constant" | "literal", Example> {
  const b = new ProgramBuilder(),
    [input, constant, literal] = [b.input([3], "float64"), b.constant(vector), b.literal(2, "float64")],
    program = b.build([input, constant, literal]);
  return {
    input: { program, node: input, flops: 0 },
    constant: { program, node: constant, flops: 0 },
    literal: { program, node: literal, flops: 0 },
  };
}
const { input, constant, literal } = leaves();

/** h ↦ h·w + x, and the sum of that: four operations a step for two numbers each, and two for the sum. */
function recurrence(): Program {
  const b = new ProgramBuilder(),
    [w, h, x] = [b.input([2], "float64"), b.input([2], "float64"), b.input([2], "float64")],
    next = b.add("add", [b.add("multiply", [h, w], [2], "float64", {}), x], [2], "float64", {});
  return b.build([next, b.add("sum", [next], [], "float64", { axes: [0] })]);
}
const scanned = { body: recurrence(), constants: 1, carry: 1, length: 5, reverse: false, every: 1 };

/** x ↦ √x (ten operations an element) or −x. */
const way = (op: "sqrt" | "negative"): Program => {
  const b = new ProgramBuilder();
  return b.build([b.add(op, [b.input([3], "float64")], [3], "float64", {})]);
};

/** Examples of every primitive; one that is missing does not compile. */
export const examples: { readonly [P in Primitive]: readonly Example[] } = {
  input: [input],
  constant: [constant],
  literal: [literal],
  iota: [of("iota")([], f64(4), { axis: 0 }, 0)],

  negative: simple("negative"),
  abs: simple("abs"),
  sign: simple("sign"),
  floor: simple("floor"),
  not: elements("not", 1, "bool"),
  cast: elements("cast", 1, "int32", "float64"),
  sqrt: elementary("sqrt"),
  exp: elementary("exp"),
  expm1: elementary("expm1"),
  log: elementary("log"),
  log1p: elementary("log1p"),
  sin: elementary("sin"),
  cos: elementary("cos"),
  tanh: elementary("tanh"),
  erf: elementary("erf"),
  sigmoid: elementary("sigmoid"),
  softplus: elementary("softplus"),
  atan: elementary("atan"),
  atan2: elements("atan2", 10, "float64", "float64", 2),
  asin: elementary("asin"),
  acos: elementary("acos"),
  sinh: elementary("sinh"),
  cosh: elementary("cosh"),

  add: pair("add"),
  subtract: pair("subtract"),
  multiply: pair("multiply"),
  divide: pair("divide"),
  maximum: pair("maximum"),
  minimum: pair("minimum"),
  less: pair("less", "float64", "bool"),
  lessEqual: pair("lessEqual", "float64", "bool"),
  equal: pair("equal", "float64", "bool"),
  and: pair("and", "bool"),
  or: pair("or", "bool"),
  xor: pair("xor", "int32"),
  shiftLeft: pair("shiftLeft", "int32"),
  shiftRight: pair("shiftRight", "int32"),
  where: [of("where")([bool(2, 3), f64(2, 3), f64(2, 3)], f64(2, 3), {}, trips(2, 3))],

  stopGradient: [of("stopGradient")([f64(2, 3)], f64(2, 3), {}, 0)],
  reshape: [of("reshape")([f64(2, 3)], f64(6), {}, 0)],
  transpose: [of("transpose")([f64(2, 3)], f64(3, 2), { permutation: [1, 0] }, 0)],
  broadcast: [of("broadcast")([f64(3)], f64(2, 3), {}, 0)],
  slice: [of("slice")([f64(9)], f64(3), { start: [1], stride: [3] }, 0)],
  pad: [of("pad")([f64(3)], f64(9), { start: [1], stride: [3] }, 0)],
  concatenate: [of("concatenate")([f64(2, 3), f64(1, 3)], f64(3, 3), { axis: 0 }, 0)],
  flip: [of("flip")([f64(2, 3)], f64(2, 3), { axes: [1] }, 0)],

  take: [of("take")([f64(5, 3), i32(4)], f64(4, 3), { axis: 0 }, 0)],
  scatterAdd: [of("scatterAdd")([f64(4, 3), i32(4)], f64(5, 3), { axis: 0 }, trips(4, 3))],

  sum: reduction("sum"),
  max: reduction("max"),
  min: reduction("min"),
  argsort: [1, 2, 7, 8, 9].map(n => of("argsort")([f64(2, n)], i32(2, n), { axis: 1 }, trips(2) * merged(n))),

  matmul: [
    of("matmul")([f64(3, 4), f64(4, 5)], f64(3, 5), {}, 2 * trips(3, 5, 4)),
    of("matmul")([f64(2, 3, 6), f64(2, 6, 1)], f64(2, 3, 1), {}, 2 * trips(2, 3, 1, 6)),
  ],
  conv: [of("conv")([x, w], y, convolution, convolved)],
  convInput: [of("convInput")([y, w], x, convolution, convolved)],
  convKernel: [of("convKernel")([x, y], w, convolution, convolved)],

  cholesky: [of("cholesky")([f64(2, 60, 60)], f64(2, 60, 60), {}, 2 * choleskyOperations(60))],
  triangularSolve: [of("triangularSolve")([f64(2, 60, 60), f64(2, 60, 7)], f64(2, 60, 7), triangle, 2 * 7 * substitutionOperations(60))],
  solve: [
    of("solve")([f64(2, 60, 60), f64(2, 60, 7)], f64(2, 60, 7), {}, 2 * (eliminationOperations(60) + 7 * 2 * substitutionOperations(60))),
  ],

  scan: [
    of("scan")([f64(2), f64(2), f64(5, 2)], f64(2), { ...scanned, result: 0 }, trips(5) * (2 * trips(2) + trips(2))),
    of("scan")([f64(2), f64(2), f64(5, 2)], f64(3, 2), { ...scanned, every: 2, reverse: true, result: 2 }, trips(5) * 3 * trips(2)),
  ],
  cond: [of("cond")([bool(), f64(3)], f64(3), { onTrue: way("sqrt"), onFalse: way("negative"), result: 0 }, 10 * trips(3))],
};

/** Elements of a shape that a node's operands and result have. */
export const sizes = (types: readonly { readonly shape: Shape }[]): number[] => types.map(({ shape }) => trips(...shape));
