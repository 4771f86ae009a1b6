import type { ElementaryFunction } from "../../../compiler/math/index.js";
import type { DType, FloatType } from "../../../tensor/types.js";
import { emitMath, emitSigmoids } from "../math/index.js";
import type { Require } from "../math/index.js";
import type { FunctionBuilder } from "../assembler.js";
import type { MapTensor } from "../../../compiler/graph/tensor.js";
import type { Argument } from "./argument.js";
import { divideIntegers, shift } from "./integers.js";
import { arithmetic, floats, simd } from "./instructions.js";
import type { NumberType } from "./instructions.js";
import { constant, narrow } from "./vector.js";
import type { Width } from "./vector.js";

/** Where an operation is written. */
export interface Place {
  readonly f: FunctionBuilder;
  readonly width: Width;
  /** Index of a function v128 → v128. */
  readonly math: Require;
  /** Whether elementary functions are written in place. */
  readonly inline: boolean;
}

/** Pushes the result of an element-by-element operation on vectors. */
export function operation(place: Place, t: MapTensor, args: readonly Argument[]): void {
  const { f, width } = place,
    [x, y, z] = args,
    dtype = x.dtype;
  switch (t.op) {
    case "copy":
      x.push();
      break;
    case "cast":
      cast(f, width, x, t.dtype);
      break;
    case "not":
      x.push();
      f.simd(simd.not);
      break;
    case "and":
      x.push();
      y.push();
      f.simd(simd.and);
      break;
    case "or":
      x.push();
      y.push();
      f.simd(simd.or);
      break;
    case "xor":
      x.push();
      y.push();
      f.simd(simd.xor);
      break;
    case "shiftLeft":
    case "shiftRight":
      shift(f, t.op, x, y);
      break;
    case "where":
      select(f, width, x, y, z);
      break;
    case "less":
    case "lessEqual":
    case "equal":
      compare(f, width, t.op, x, y);
      break;
    case "add":
    case "subtract":
    case "multiply":
      x.push();
      y.push();
      f.simd(arithmetic[dtype as NumberType][t.op]);
      break;
    case "negative":
    case "abs":
      x.push();
      f.simd(arithmetic[dtype as NumberType][t.op]);
      break;
    case "maximum":
    case "minimum":
      extremum(f, t.op, x, y);
      break;
    case "divide":
      if (dtype === "int32") divideIntegers(f, width, x, y);
      else {
        x.push();
        y.push();
        f.simd(floats[dtype as FloatType].divide);
      }
      break;
    case "sqrt":
      x.push();
      f.simd(floats[dtype as FloatType].sqrt);
      break;
    case "floor":
      x.push();
      if (dtype !== "int32") f.simd(floats[dtype as FloatType].floor);
      break;
    case "sign":
      sign(f, x);
      break;
    default:
      elementary(place, t.op, args);
      break;
  }
}

function elementary({ f, math, inline }: Place, name: ElementaryFunction, args: readonly Argument[]): void {
  const dtype = args[0].dtype as FloatType;
  for (const x of args) x.push();
  if (!inline) {
    f.call(math(name, dtype));
    return;
  }
  const values = args.map(() => f.local("v128"));
  for (const value of [...values].reverse()) f.set(value);
  const result = emitMath(f, name, dtype, values, math);
  f.get(result).release(...values, result);
}

/** Pushes the sigmoids of x and, above it, of −x. */
export function sigmoidPair({ f, math, inline }: Omit<Place, "width">, x: Argument): void {
  const dtype = x.dtype as FloatType;
  x.push();
  if (!inline) {
    f.call(math("sigmoids", dtype));
    return;
  }
  const value = f.local("v128");
  f.set(value);
  const [of, ofNegative] = emitSigmoids(f, dtype, value, math);
  f.get(of).get(ofNegative).release(value, of, ofNegative);
}

/** With 64-bit lanes a mask of 32-bit lanes is widened to the kernel's form of a bool. */
const asBool = (f: FunctionBuilder, width: Width, dtype: DType): void => {
  if (width === 2 && dtype !== "float64") f.simd(simd.widen);
};

function compare(f: FunctionBuilder, width: Width, op: "less" | "lessEqual" | "equal", x: Argument, y: Argument): void {
  if (x.dtype !== "bool") {
    x.push();
    y.push();
    f.simd(arithmetic[x.dtype][op]);
    asBool(f, width, x.dtype);
    return;
  }
  // false < true
  if (op === "equal") {
    x.push();
    y.push();
    f.simd(simd.xor).simd(simd.not);
  }
  if (op === "less") {
    y.push();
    x.push();
    f.simd(simd.andNot);
  }
  if (op === "lessEqual") {
    x.push();
    f.simd(simd.not);
    y.push();
    f.simd(simd.or);
  }
}

function select(f: FunctionBuilder, width: Width, condition: Argument, yes: Argument, no: Argument): void {
  const mask = () => {
    condition.push();
    if (width === 2 && yes.dtype !== "float64" && yes.dtype !== "bool") narrow(f);
  };
  const isZero = ({ literal }: Argument) => Object.is(literal, 0);
  if (isZero(no)) {
    yes.push();
    mask();
    f.simd(simd.and);
  } else if (isZero(yes)) {
    no.push();
    mask();
    f.simd(simd.andNot);
  } else {
    yes.push();
    no.push();
    mask();
    f.simd(simd.select);
  }
}

/** NaN if either is NaN. With a number that is none, the one-instruction form keeps the other's NaN when it comes first. */
function extremum(f: FunctionBuilder, op: "maximum" | "minimum", x: Argument, y: Argument): void {
  const dtype = x.dtype as NumberType,
    known = [x, y].find(a => a.literal !== null && !Number.isNaN(a.literal));
  if (dtype === "int32" || !known) {
    x.push();
    y.push();
    f.simd(arithmetic[dtype][op]);
    return;
  }
  (known === x ? y : x).push();
  known.push();
  f.simd(op === "maximum" ? floats[dtype].pseudoMaximum : floats[dtype].pseudoMinimum);
}

/** 1, −1, 0 for both zeros, NaN for NaN. */
function sign(f: FunctionBuilder, x: Argument): void {
  const dtype = x.dtype as NumberType,
    { less, greater, subtract, abs } = arithmetic[dtype],
    zero = () => {
      constant(f, dtype, 0);
    };
  if (dtype === "int32") {
    // masks are −1
    x.push();
    zero();
    f.simd(less);
    x.push();
    zero();
    f.simd(greater).simd(subtract);
    return;
  }
  // A one with the sign bit of x where |x| > 0, else |x|.
  constant(f, dtype, -0);
  x.push();
  f.simd(simd.and);
  constant(f, dtype, 1);
  f.simd(simd.or);
  x.push();
  f.simd(abs);
  zero();
  x.push();
  f.simd(abs).simd(less).simd(simd.select);
}

function cast(f: FunctionBuilder, width: Width, x: Argument, to: DType): void {
  const from = x.dtype;
  x.push();
  if (to === from) return;
  if (to === "bool") {
    constant(f, from, 0);
    f.simd(arithmetic[from as NumberType].different);
    asBool(f, width, from);
    return;
  }
  if (from === "bool") {
    if (width === 2 && to !== "float64") narrow(f);
    constant(f, to, 1);
    f.simd(simd.and);
    return;
  }
  f.simd(conversions[from][to]!);
}

const conversions: Record<NumberType, Partial<Record<NumberType, number>>> = {
  float32: { float64: simd.promote, int32: simd.truncate32 },
  float64: { float32: simd.demote, int32: simd.truncate64 },
  int32: { float32: simd.convert32, float64: simd.convert64 },
};
