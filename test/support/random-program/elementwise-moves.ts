import type { ElementaryUnaryPrimitives } from "../../../src/program/program.js";
import type { DType, Type } from "../../../src/tensor/types.js";
import type { Draft, Fact, Step } from "./draft.js";
import { isFloat } from "./draft.js";
import type { Move } from "./moves.js";

const float = (t: { dtype: DType }): boolean => isFloat(t.dtype);
const number = (t: { dtype: DType }): boolean => t.dtype !== "bool";
const bool = (t: { dtype: DType }): boolean => t.dtype === "bool";

/** |x| + ½ where x comes near to zero: for what is ill-conditioned there. */
function awayFromZero(draft: Draft, x: number): number {
  if (draft.facts[x].low >= 0.25) return x;
  const { shape, dtype } = draft.type(x),
    { error, high } = draft.facts[x];
  const size = draft.moved("abs", x, shape, {}),
    half = draft.broadcast(draft.literal(0.5, dtype), shape);
  return draft.add("add", [size, half], shape, dtype, {}, error + draft.rounding(dtype, high + 0.5)) ?? half;
}
const positive = (draft: Draft, x: number): number =>
  draft.facts[x].value.data.every(v => v > 0) ? awayFromZero(draft, x) : guarded(draft, x);
function guarded(draft: Draft, x: number): number {
  const { shape } = draft.type(x);
  return awayFromZero(draft, draft.moved("abs", x, shape, {}));
}

type Unary = keyof ElementaryUnaryPrimitives | "sqrt";

/** Functions that grow as eˣ. */
const growing: readonly Unary[] = ["exp", "expm1", "sinh", "cosh"];

/** A function of floats; `slope` bounds its derivative on numbers of magnitude low … high. */
const unary =
  (op: Unary, slope: (low: number, high: number) => number, prepare: (draft: Draft, x: number) => number = (_, x) => x): Move =>
  (draft, step) => {
    const picked = draft.pick(step.a, (t, f) => float(t) && f.high <= (growing.includes(op) ? 6 : 1e4));
    if (picked === undefined) return;
    const x = prepare(draft, picked),
      { shape, dtype } = draft.type(x),
      { high, low, error } = draft.facts[x];
    const grows = growing.includes(op) ? Math.exp(high) : 1 + high;
    draft.add(op, [x], shape, dtype, {}, slope(low, high) * error + draft.rounding(dtype, grows, 4));
  };

/** Exact functions of one operand. */
const exact = (op: "negative" | "abs", step: Step, draft: Draft): void => {
  const x = draft.pick(step.a, number);
  if (x !== undefined) draft.moved(op, x, draft.type(x).shape, {});
};
const stepwise =
  (op: "sign" | "floor"): Move =>
  (draft, step) => {
    // Numbers near a jump would make two right executors differ: exact ones only.
    const x = draft.pick(step.a, (t, f) => f.grid !== undefined && (op === "sign" ? number(t) : float(t)));
    if (x !== undefined) draft.add(op, [x], draft.type(x).shape, draft.type(x).dtype, {}, 0, 1);
  };

/** Two operands of one type. */
function pair(draft: Draft, step: Step, fits: (type: Type, fact: Fact) => boolean): [number, number] | undefined {
  const x = draft.pick(step.a, fits);
  if (x === undefined) return undefined;
  const { shape, dtype } = draft.type(x);
  const y = draft.pick(step.b, (t, f) => t.dtype === dtype && fits(t, f));
  return y === undefined ? undefined : [x, draft.fit(y, shape)];
}

const binary =
  (op: "add" | "subtract" | "multiply" | "maximum" | "minimum"): Move =>
  (draft, step) => {
    const operands = pair(draft, step, number);
    if (!operands) return;
    const [x, y] = operands,
      { shape, dtype } = draft.type(x),
      [a, b] = [draft.facts[x], draft.facts[y]];
    const product = op === "multiply",
      high = product ? a.high * b.high : a.high + b.high;
    if (!isFloat(dtype) && high > 1e6) return;
    const grid = a.grid === undefined || b.grid === undefined ? undefined : product ? a.grid * b.grid : Math.min(a.grid, b.grid);
    const carried = product ? a.high * b.error + b.high * a.error : a.error + b.error;
    draft.add(
      op,
      [x, y],
      shape,
      dtype,
      {},
      carried + draft.rounding(dtype, high),
      grid !== undefined && high / grid <= 2 ** 20 ? grid : undefined,
    );
  };

/** ½ sin x: an argument of arc sine and cosine. */
function withinHalf(draft: Draft, x: number): number {
  const { shape, dtype } = draft.type(x),
    half = draft.broadcast(draft.literal(0.5, dtype), shape);
  const sine = draft.add("sin", [x], shape, dtype, {}, draft.facts[x].error + draft.rounding(dtype, 1, 4)) ?? half;
  return draft.add("multiply", [sine, half], shape, dtype, {}, draft.facts[sine].error / 2 + draft.rounding(dtype, 1)) ?? half;
}

/** In the right half-plane, where the angle does not jump. */
const angle: Move = (draft, step) => {
  const operands = pair(draft, step, float);
  if (!operands) return;
  const [y, picked] = operands,
    x = positive(draft, picked),
    { shape, dtype } = draft.type(y),
    [a, b] = [draft.facts[y], draft.facts[x]];
  draft.add("atan2", [y, x], shape, dtype, {}, (a.error + b.error) / b.low + draft.rounding(dtype, 2, 4));
};

const divide: Move = (draft, step) => {
  const operands = pair(draft, step, float);
  if (!operands) return;
  const [x, picked] = operands,
    y = awayFromZero(draft, picked),
    { shape, dtype } = draft.type(x),
    [a, b] = [draft.facts[x], draft.facts[y]];
  const high = a.high / b.low;
  draft.add("divide", [x, y], shape, dtype, {}, a.error / b.low + (high / b.low) * b.error + draft.rounding(dtype, high));
};

/** x·c and x/c with a literal: neutral, a power of two, something else. */
const scale: Move = (draft, step) => {
  const x = draft.pick(step.a, float);
  if (x === undefined) return;
  const { shape, dtype } = draft.type(x),
    value = [1, 0, 2, -1, 0.1, 0.5, -0.25, 3][step.p[0] % 8],
    op = value !== 0 && step.p[1] % 4 === 0 ? "divide" : "multiply";
  const c = draft.broadcast(draft.literal(value, dtype), shape),
    by = op === "divide" ? 1 / value : value;
  const high = draft.facts[x].high * Math.abs(by);
  draft.add(
    op,
    step.p[2] % 2 === 0 || op === "divide" ? [x, c] : [c, x],
    shape,
    dtype,
    {},
    Math.abs(by) * draft.facts[x].error + draft.rounding(dtype, high),
  );
};

const compare =
  (op: "less" | "lessEqual" | "equal"): Move =>
  (draft, step) => {
    const operands = pair(draft, step, (t, f) => f.grid !== undefined && (op === "equal" || number(t)));
    if (operands) draft.add(op, operands, draft.type(operands[0]).shape, "bool", {});
  };

const connective =
  (op: "and" | "or"): Move =>
  (draft, step) => {
    const operands = pair(draft, step, bool);
    if (operands) draft.add(op, operands, draft.type(operands[0]).shape, "bool", {});
  };

/** Bits, after which 12 or so are left: what follows is to stay in the range of tame numbers. */
const bitwise: Move = (draft, step) => {
  const operands = pair(draft, step, t => t.dtype === "int32");
  if (!operands) return;
  const [x, y] = operands,
    { shape } = draft.type(x),
    places = draft.broadcast(draft.literal(step.p[0], "int32"), shape);
  const of = (op: "xor" | "shiftLeft" | "shiftRight", a: number, b: number) => draft.add(op, [a, b], shape, "int32", {});
  const low = draft.literal(20, "int32");
  const moved = [() => of("xor", x, y), () => of("shiftLeft", x, places), () => of("shiftRight", x, step.p[1] % 2 ? places : y)][
    step.p[2] % 3
  ]();
  if (moved === undefined) of("shiftRight", x, draft.broadcast(low, shape));
};

const not: Move = (draft, step) => {
  const x = draft.pick(step.a, bool);
  if (x !== undefined) draft.add("not", [x], draft.type(x).shape, "bool", {});
};

/** A condition, now and then negated. */
export function condition(draft: Draft, step: Step): number {
  const plain = plainCondition(draft, step);
  if (step.p[5] % 3 !== 1) return plain;
  // What is too large for a draft is not negated.
  return draft.add("not", [plain], draft.type(plain).shape, "bool", {}) ?? plain;
}

/** A bool that is there, or a comparison with a literal, or a known one. */
function plainCondition(draft: Draft, step: Step): number {
  const known = draft.pick(step.c, bool),
    exactNumber = draft.pick(step.c, (t, f) => number(t) && f.grid !== undefined);
  if (step.p[3] % 8 === 0 || (known === undefined && exactNumber === undefined)) return draft.literal(step.p[4] % 2, "bool");
  if (known !== undefined && (step.p[3] % 2 === 0 || exactNumber === undefined)) return known;
  const { shape, dtype } = draft.type(exactNumber!),
    zero = draft.broadcast(draft.literal(0, dtype), shape);
  return draft.add("less", [zero, exactNumber!], shape, "bool", {}) ?? draft.literal(1, "bool");
}

const where: Move = (draft, step) => {
  const operands = pair(draft, step, () => true);
  if (!operands) return;
  const [x, y] = operands,
    { shape, dtype } = draft.type(x),
    [a, b] = [draft.facts[x], draft.facts[y]],
    c = draft.fit(condition(draft, step), shape);
  draft.add(
    "where",
    [c, x, y],
    shape,
    dtype,
    {},
    Math.max(a.error, b.error),
    a.grid === undefined || b.grid === undefined ? undefined : Math.min(a.grid, b.grid),
  );
};

const cast: Move = (draft, step) => {
  const to = (["int32", "bool", draft.float, draft.float, "float32", "float64"] as const)[step.p[0] % 6];
  const x = draft.pick(step.a, (_, f) => isFloat(to) || (f.grid !== undefined && f.high < 1e6));
  if (x === undefined) return;
  const { shape } = draft.type(x),
    { error, high, grid } = draft.facts[x];
  draft.add("cast", [x], shape, to, {}, error + draft.rounding(to, high), isFloat(to) ? grid : 1);
};

const stopGradient: Move = (draft, step) => {
  const x = draft.pick(step.a, () => true);
  if (x !== undefined) draft.moved("stopGradient", x, draft.type(x).shape, {});
};

export const elementwiseMoves: readonly Move[] = [
  (draft, step) => exact("negative", step, draft),
  (draft, step) => exact("abs", step, draft),
  stepwise("sign"),
  stepwise("floor"),
  unary("sqrt", low => 0.5 / Math.sqrt(low), positive),
  unary("log", low => 1 / low, positive),
  unary("log1p", low => 1 / (1 + low), positive),
  unary("exp", (_, high) => Math.exp(high)),
  unary("expm1", (_, high) => Math.exp(high)),
  unary("sin", () => 1),
  unary("cos", () => 1),
  unary("tanh", () => 1),
  unary("atan", () => 1),
  unary("asin", () => 1.2, withinHalf),
  unary("acos", () => 1.2, withinHalf),
  angle,
  unary("sinh", (_, high) => Math.cosh(high)),
  unary("cosh", (_, high) => Math.sinh(high)),
  unary("erf", () => 1.2),
  unary("sigmoid", () => 0.25),
  unary("softplus", () => 1),
  binary("add"),
  binary("subtract"),
  binary("multiply"),
  binary("multiply"),
  binary("maximum"),
  binary("minimum"),
  divide,
  scale,
  scale,
  compare("less"),
  compare("lessEqual"),
  compare("equal"),
  connective("and"),
  connective("or"),
  bitwise,
  bitwise,
  not,
  where,
  where,
  cast,
  stopGradient,
] satisfies readonly Move[];
