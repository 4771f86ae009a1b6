import { zerosLike } from "../np/create.js";
import { apply } from "../operation.js";
import { cotangentsOf, pushTangents, spreadLanes } from "../transform.js";
import type { Type } from "../types.js";
import { isFloat } from "../types.js";
import type { Value } from "../value.js";
import { nextId } from "../value.js";

/**
 * A function as a piece of a graph. Its inputs are values of any kind: where the graph ends, and what they are made of means nothing within. So a value
 * of around that it uses is an input under its own name.
 */
export interface Body {
  /** What is older than this, or one of the inputs, is not part of it. */
  readonly first: number;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** A fresh input of a body. */
export const placeholder = ({ shape, dtype }: Type): Value => apply("input", [], { index: -1 }, { shape, dtype });

/** A function of values as a body: it is called once. */
export function bodyOf(types: readonly Type[], f: (inputs: readonly Value[]) => readonly Value[]): Body {
  const first = nextId(),
    inputs = types.map(placeholder);
  return { first, inputs, outputs: f(inputs) };
}

/** Operations that read their operand in another way, and keep it as cheap as it is. */
const readings: readonly Value["op"][] = ["broadcast", "reshape", "transpose", "stopGradient", "cast", "negative"];

/** Whether a value is one known number, or a count, in whatever shape: a body makes it by itself. */
function isKnown(value: Value): boolean {
  let v = value;
  while (readings.includes(v.op)) v = v.inputs[0];
  return v.op === "literal" || v.op === "iota";
}

/** What bodies use of around beside their inputs, in the order of creation. */
export function usedOfAround(bodies: readonly Body[]): Value[] {
  const found = new Set<Value>();
  for (const { first, inputs, outputs } of bodies) {
    const seen = new Set(inputs),
      stack = [...outputs];
    for (let v = stack.pop(); v; v = stack.pop()) {
      if (seen.has(v)) continue;
      seen.add(v);
      if (isKnown(v)) continue;
      if (v.id < first || v.op === "constant") found.add(v);
      else stack.push(...v.inputs);
    }
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** Cotangents of inputs of a body from those of its outputs, where there are any. */
export const pullBody = (body: Body, wanted: readonly Value[], cotangents: readonly (Value | null)[]): (Value | undefined)[] =>
  cotangentsOf(
    wanted,
    body.outputs.flatMap((y, i) => {
      const g = cotangents[i];
      return g && isFloat(y) ? [[y, g] as const] : [];
    }),
    new Set(body.inputs),
  );

/** Tangents of the outputs of a body from those of its inputs, where there are any. */
export function pushBody(body: Body, tangents: readonly (Value | null)[]): (Value | null)[] {
  const known = new Map(body.inputs.flatMap((x, i) => (tangents[i] ? [[x, tangents[i]] as const] : [])));
  pushTangents(known, body.outputs, new Set(body.inputs));
  return body.outputs.map(y => (isFloat(y) ? (known.get(y) ?? null) : null));
}

/** A body over a leading axis: `lanes` are its inputs with that axis, null where they have none. The outputs: with it, or null. */
export function spreadBody(body: Body, lanes: readonly (Value | null)[], size: number): (Value | null)[] {
  const known = new Map(body.inputs.flatMap((x, i) => (lanes[i] ? [[x, lanes[i]] as const] : [])));
  spreadLanes(known, body.outputs, size, new Set(body.inputs));
  return body.outputs.map(y => known.get(y) ?? null);
}

/** A tangent or cotangent, or zeros where there is none. */
export const orZeros = (t: Value | null | undefined, like: Value): Value => t ?? zerosLike(like);
