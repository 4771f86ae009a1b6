import { checkClosedOver } from "./closed-over.js";
import { fail } from "./error.js";
import { literal, zerosLike } from "./np/create.js";
import { convert, spread } from "./np/promote.js";
import { moveaxis } from "./np/shape.js";
import { apply, rulesOf } from "./operation.js";
import { plusCotangent } from "./ops/loops.js";
import type { ValueTree } from "./tree.js";
import { describeTree, map, mapTree, valuePaths } from "./tree.js";
import type { TreeOf } from "./types.js";
import { isFloat, sameShape, showType } from "./types.js";
import { inDerivative, Value } from "./value.js";

/** Identity whose derivative is zero. */
export const stopGradient = (x: Value): Value => apply("stopGradient", [x], {});

/** A differentiated value, told apart from its other uses: what an enclosing transform differentiates is another value. */
const mark = (x: Value): Value => apply("identity", [x], {});

const leavesOf = (who: string, tree: unknown): Value[] => valuePaths(who, tree).map(([, v]) => v);

/** The tree with its leaves replaced by others in order. */
function refill<T extends TreeOf<Value, T>>(tree: T, leaves: readonly Value[]): T {
  let i = 0;
  return map(() => leaves[i++], tree);
}

/** What lies between `from` and the outputs and depends on `from`, in topological order (that of creation); the way back ends at `ends`. */
function between(outputs: readonly Value[], from: ReadonlySet<Value>, ends: ReadonlySet<Value> = from): Value[] {
  let oldest = Infinity;
  for (const v of from) oldest = Math.min(oldest, v.id);
  const seen = new Set<Value>();
  const stack = [...outputs];
  for (let v = stack.pop(); v; v = stack.pop()) {
    // What is older than everything differentiated cannot depend on it.
    if (seen.has(v) || v.id < oldest) continue;
    seen.add(v);
    if (!ends.has(v)) for (const x of v.inputs) stack.push(x);
  }
  const depends = new Set<Value>(from);
  const order = [...seen].sort((a, b) => a.id - b.id).filter(v => !ends.has(v));
  return order.filter(v => {
    const yes = v.inputs.some(x => depends.has(x));
    if (yes) depends.add(v);
    return yes;
  });
}

/** Marks the leaves of what is differentiated. @throws unless all are floating point values */
function marked<X extends TreeOf<Value, X>>(who: string, x: X): X {
  for (const [path, v] of valuePaths(`${who}'s argument`, x)) {
    if (!isFloat(v)) fail(who, `differentiates floating point values only${path ? ` (at ${path})` : ""}`, showType(v));
  }
  return map(mark, x);
}

/** A tangent or cotangent in the type of what it belongs to. @throws if the shapes differ */
function fit(who: string, t: Value, like: Value): Value {
  if (!sameShape(t.shape, like.shape)) fail(who, `must have the shape of what it belongs to, ${showType(like)}`, showType(t));
  return convert(t, like.dtype);
}

/** Pairs of leaves: those of a tree, and directions beside them. @throws where structures or shapes differ */
function directions(who: string, tree: unknown, along: unknown): [Value, Value][] {
  const pairs: [Value, Value][] = [];
  leavesOf(who, along);
  mapTree(who, ([a, b]) => pairs.push([a as Value, fit(who, b as Value, a as Value)]), [tree, along]);
  return pairs;
}

/** The values, of those in topological order, to which a derivative passes; not looked for where no function has a rule of its own. */
function movingIn(order: readonly Value[], from: ReadonlySet<Value>): ReadonlySet<Value> {
  const moving = new Set(from);
  if (!order.some(v => ["customGradient", "scan", "cond"].includes(v.op))) return moving;
  for (const v of order) if (isFloat(v) && v.op !== "stopGradient" && v.inputs.some(x => moving.has(x))) moving.add(v);
  return moving;
}

/**
 * The reverse walk: cotangents of `inputs` from those of the outputs, undefined where none arrives.
 * @param ends where the graph ends besides at the inputs
 */
export function cotangentsOf(
  inputs: readonly Value[],
  outputs: readonly (readonly [Value, Value])[],
  ends?: ReadonlySet<Value>,
): (Value | undefined)[] {
  const from = new Set(inputs);
  const order = between(
    outputs.map(([y]) => y),
    from,
    ends,
  );
  const wanted = new Set<Value>([...order, ...inputs]);
  const cotangents = new Map<Value, Value>();
  const accumulate = (v: Value, g: Value) => {
    const sum = cotangents.get(v);
    if (wanted.has(v)) cotangents.set(v, sum ? plusCotangent(sum, g) : g);
  };
  for (const [y, seed] of outputs) accumulate(y, seed);
  const moving = movingIn(order, from);
  for (const y of order.reverse()) {
    const g = cotangents.get(y);
    if (!g) continue;
    // What a body uses is looked at where its loop is.
    if (!ends) checkClosedOver(y, moving);
    inDerivative(y, () =>
      rulesOf(y)
        .pullback(y, g)
        .forEach((c, k) => c && accumulate(y.inputs[k], c)),
    );
  }
  return inputs.map(v => cotangents.get(v));
}

const reverse = (inputs: readonly Value[], outputs: readonly (readonly [Value, Value])[]): Value[] =>
  cotangentsOf(inputs, outputs).map((c, i) => c ?? zerosLike(inputs[i]));

/**
 * The forward walk: adds the tangents of all that lies between what has one and the outputs.
 * @param ends where the graph ends besides there
 */
export function pushTangents(tangents: Map<Value, Value>, outputs: readonly Value[], ends?: ReadonlySet<Value>): void {
  for (const node of between(outputs, new Set(tangents.keys()), ends)) {
    if (!ends) checkClosedOver(node, tangents);
    const t = rulesOf(node).pushforward(
      node,
      node.inputs.map(i => tangents.get(i) ?? null),
    );
    if (t) tangents.set(node, t);
  }
}

/**
 * The walk of `vmap`: adds the stacked values of all that lies between what has one and the outputs.
 * @param ends where the graph ends besides there
 */
export function spreadLanes(lanes: Map<Value, Value>, outputs: readonly Value[], size: number, ends?: ReadonlySet<Value>): void {
  for (const node of between(outputs, new Set(lanes.keys()), ends)) {
    const operands = node.inputs.map(i => lanes.get(i) ?? i);
    const batched = node.inputs.map(i => lanes.has(i));
    lanes.set(node, rulesOf(node).batch(node, operands, batched, size));
  }
}

type ScalarFunction<X, A extends unknown[]> = (x: X, ...rest: A) => Value;

/** While set, derivatives that functions take are zero, and are counted. */
let withoutDerivatives: { taken: number } | undefined;

/**
 * Calls a function all of whose own derivatives, by `grad`, `vjp` and `jvp`, come out as zero: what a step does beside what its gradients do.
 * @returns what it returned, and how many derivatives it asked for
 */
export function withDerivativesZero<R>(f: () => R): { readonly returned: R; readonly taken: number } {
  const before = withoutDerivatives,
    own = { taken: 0 };
  withoutDerivatives = own;
  try {
    return { returned: f(), taken: own.taken };
  } finally {
    withoutDerivatives = before;
  }
}

/** Whether a derivative that is asked for now is to be zero. */
function isZeroed(): boolean {
  if (withoutDerivatives) withoutDerivatives.taken++;
  return withoutDerivatives !== undefined;
}

/**
 * Value and gradient of a scalar function with respect to its first argument: (x, …) ↦ [f(x, …), ∂f/∂x], the gradient a tree like x.
 * @throws if f does not return one floating point number, or x holds anything but floating point values
 */
export const valueAndGrad =
  <X extends TreeOf<Value, X>, A extends unknown[]>(f: ScalarFunction<X, A>) =>
  (x: X, ...rest: A): [Value, X] => {
    const z = marked("grad", x);
    const y: unknown = f(z, ...rest);
    if (!Value.is(y) || y.ndim !== 0 || !isFloat(y)) {
      return fail("grad", "differentiates functions that return a floating point scalar (.sum() or .mean() it)", describeTree(y));
    }
    return [y, isZeroed() ? map(zerosLike, z) : refill(z, reverse(leavesOf("grad", z), [[y, literal(1, y)]]))];
  };

/**
 * Gradient of a scalar function with respect to its first argument: (x, …) ↦ ∂f/∂x, a tree like x.
 * @throws if f does not return one floating point number, or x holds anything but floating point values
 */
export const grad =
  <X extends TreeOf<Value, X>, A extends unknown[]>(f: ScalarFunction<X, A>) =>
  (x: X, ...rest: A): X =>
    valueAndGrad(f)(x, ...rest)[1];

/**
 * Value and pull-back of a function at x: [f(x), ȳ ↦ (∂f/∂x)ᵀ ȳ].
 * @throws if x holds anything but floating point values, or a cotangent is not like f(x)
 */
export function vjp<X extends TreeOf<Value, X>, Y extends object>(f: (x: X) => Y, x: X): [Y, (cotangent: NoInfer<Y>) => X] {
  const z = marked("vjp", x);
  const y = f(z);
  leavesOf("vjp's result", y);
  return [
    y,
    cotangent => {
      const seeds = directions("vjp's cotangent", y, cotangent);
      return isZeroed() ? map(zerosLike, z) : refill(z, reverse(leavesOf("vjp", z), seeds));
    },
  ];
}

/**
 * Value and directional derivative of a function at x along v: [f(x), (∂f/∂x) v].
 * @throws if x holds anything but floating point values, or v is not like x
 */
export function jvp<X extends TreeOf<Value, X>, Y extends object>(f: (x: X) => Y, x: X, v: NoInfer<X>): [Y, Y] {
  const z = marked("jvp", x);
  const tangents = new Map(directions("jvp's direction", z, v));
  const y = f(z);
  const results = leavesOf("jvp's result", y);
  if (isZeroed()) return [y, map(zerosLike, y as ValueTree) as Y];
  pushTangents(tangents, results);
  return [y, map(leaf => tangents.get(leaf) ?? zerosLike(leaf), y as ValueTree) as Y];
}

/** Which axis of an argument's arrays is mapped; null: the argument is the same for all. */
export type InAxis = number | null;

/**
 * A function over one more axis: `vmap(f)(xs…)` stacks f(x…) over an axis of the arguments. The new axis of the results is the first.
 * @param inAxes one axis for all arguments, or one an argument; null where an argument is shared
 * @throws if no argument is mapped, an array lacks the axis, or the mapped axes differ in length
 */
export const vmap =
  <A extends ValueTree[] | (unknown[] & TreeOf<Value, A>), Y extends object>(
    f: (...args: A) => Y,
    inAxes: InAxis | readonly InAxis[] = 0,
  ) =>
  (...args: A): Y => {
    if (Array.isArray(inAxes) && inAxes.length !== args.length) {
      fail("vmap", `takes an axis for each of the ${args.length} arguments`, `${inAxes.length} axes`);
    }
    const axes = args.map((_, i) => (Array.isArray(inAxes) ? (inAxes as readonly InAxis[])[i] : (inAxes as InAxis)));
    const lanes = new Map<Value, Value>();
    let size: number | undefined;
    const lane = (v: Value, axis: number): Value => {
      if (!Number.isInteger(axis) || axis < -v.ndim || axis >= v.ndim)
        fail("vmap", `maps an axis that every array has`, `axis ${axis} of ${showType(v)}`);
      const stacked = moveaxis(v, axis, 0);
      size ??= stacked.shape[0];
      if (stacked.shape[0] !== size)
        fail("vmap", "maps axes of one length", `${size} and ${stacked.shape[0]} (axis ${axis} of ${showType(v)})`);
      const one = apply("input", [], { index: -1 }, { shape: stacked.shape.slice(1), dtype: v.dtype });
      lanes.set(one, stacked);
      return one;
    };
    const inner = args.map((arg, i) => {
      const axis = axes[i];
      leavesOf("vmap's argument", arg);
      return axis === null ? arg : map(v => lane(v, axis), arg as ValueTree);
    }) as A;
    const n = size ?? fail("vmap", "needs an argument that is mapped", "none");
    const y = f(...inner);
    spreadLanes(lanes, leavesOf("vmap's result", y), n);
    return map(leaf => lanes.get(leaf) ?? spread(leaf, [n, ...leaf.shape]), y as ValueTree) as Y;
  };
