import type { Program } from "../program/program.js";
import { rulesOf } from "./operation.js";
import type { Bound } from "./ops/bounded.js";
import { boundOf } from "./ops/bounded.js";
import { outputsWithin, rowsBehind } from "./ops/loops.js";
import { emit, trace } from "./trace.js";
import { valuePaths } from "./tree.js";
import type { FloatType } from "./types.js";
import { sizeOf } from "./types.js";
import type { Value } from "./value.js";

/** That elements of an input are used as positions or labels. */
export interface IndexUse {
  readonly bound: Bound;
  /** Which leaf of the arguments they come from. */
  readonly input: number;
  /** The places of the elements that are used, if not all of them; of what is read by computed positions all count. */
  readonly some?: Int32Array;
  /** How they are computed from the input, which keeps its number, where they are not simply its elements. */
  readonly program?: Program;
}

/** Operations that give elements of their first operand, and no others. */
const passing: readonly Value["op"][] = [
  "reshape",
  "transpose",
  "broadcast",
  "slice",
  "flip",
  "stopGradient",
  "identity",
  "bounded",
  "cast",
];

/** Everything that some values are made of. */
function behind(values: readonly Value[]): Set<Value> {
  const seen = new Set<Value>();
  const stack = [...values];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v)) continue;
    seen.add(v);
    for (const x of v.op === "customGradient" ? v.inputs.slice(0, 1) : v.inputs) stack.push(x);
    stack.push(...outputsWithin(v));
  }
  return seen;
}

/** The input whose elements a value has, and the places of those in it; undefined if they are computed. */
function origin(v: Value): { readonly input: Value; readonly some?: Int32Array } | undefined {
  const path: Value[] = [];
  let at = v;
  for (;;) {
    // The rows of a loop are all elements of what it goes through.
    const whole = rowsBehind(at);
    if (whole) {
      path.length = 0;
      at = whole;
      continue;
    }
    if (at.op === "input") break;
    if (at.op === "take") path.length = 0;
    else if (!passing.includes(at.op)) return undefined;
    else if (at.op !== "cast") path.push(at);
    at = at.inputs[0];
  }
  const cut = path.findLastIndex(step => step.op === "slice");
  if (cut < 0) return { input: at };
  // The numbers of the places go the way of the elements.
  let data = Int32Array.from({ length: at.size }, (_, k) => k);
  let { shape } = at;
  for (const step of path.reverse()) {
    data = rulesOf(step).evaluate([{ shape, dtype: "int32", data }], {
      ...step,
      shape: step.shape,
      dtype: "int32",
      params: step.params,
    } as never) as typeof data;
    ({ shape } = step);
  }
  return { input: at, some: Int32Array.from(new Set(data)).sort() };
}

/** Nodes of what is worth evaluating on the host for a step's positions. */
const MOST_NODES = 256,
  MOST_ELEMENTS = 65_536;

/** How positions are computed from nothing but a scalar int32 input; undefined for others. */
function ofScalar(v: Value): { readonly input: Value; readonly program: Program } | undefined {
  const nodes = behind([v]);
  const inputs = [...nodes].filter(({ op }) => op === "input");
  const small = nodes.size <= MOST_NODES && [...nodes].every(({ shape }) => sizeOf(shape) <= MOST_ELEMENTS);
  if (!small || inputs.length !== 1 || inputs[0].ndim > 0 || inputs[0].dtype !== "int32") return undefined;
  return { input: inputs[0], program: emit(inputs, [v]) };
}

/**
 * What a function uses as positions and labels: elements of its arguments, which can be checked before the function runs, and what is computed
 * from one scalar alone, as the rows of a minibatch are from the number of the step.
 * @param args trees of types
 */
export function indexUses(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  precision: FloatType,
  names: readonly string[],
): IndexUse[] {
  const uses: IndexUse[] = [];
  const watched = (...values: never[]): unknown => {
    const result = f(...values);
    const inputs = valuePaths("a traced function's arguments", values).map(([, v]) => v);
    for (const v of behind(valuePaths("a traced function's result", result).map(([, y]) => y))) {
      if (v.op !== "bounded") continue;
      const [indices] = v.inputs;
      const use = origin(indices) ?? ofScalar(indices);
      const input = use ? inputs.indexOf(use.input) : -1;
      if (use && input >= 0) uses.push({ bound: boundOf(v), ...use, input });
    }
    return result;
  };
  trace(watched, args, precision, names);
  return uses;
}
