import { fail } from "./error.js";
import { apply, rulesOf } from "./operation.js";
import { convert, spread } from "./np/promote.js";
import { literal, zerosLike } from "./np/create.js";
import { moveaxis } from "./np/shape.js";
import type { ValueTree } from "./tree.js";
import { map, mapTree, paths } from "./tree.js";
import { showType } from "./types.js";
import { isFloat } from "./ops/elementwise.js";
import { Value } from "./value.js";

/** Identity whose derivative is zero. */
export const stopGradient = (x: Value): Value => apply("stopGradient", [x], {});

/** A differentiated value, told apart from its other uses. */
const mark = (x: Value): Value => apply("identity", [x], {});

/** Everything between `from` and the outputs, in topological order (that of creation): what depends on one of `from`. */
function between(outputs: readonly Value[], from: ReadonlySet<Value>): Value[] {
  const oldest = Math.min(...[...from].map(v => v.id)),
    seen = new Set<Value>(),
    stack = [...outputs];
  while (stack.length) {
    const v = stack.pop() as Value;
    // What is older than everything differentiated cannot depend on it.
    if (seen.has(v) || v.id < oldest) continue;
    seen.add(v);
    if (!from.has(v)) stack.push(...v.inputs);
  }
  const depends = new Set<Value>(from);
  return [...seen]
    .sort((a, b) => a.id - b.id)
    .filter(v => {
      if (from.has(v)) return false;
      const yes = v.inputs.some(x => depends.has(x));
      if (yes) depends.add(v);
      return yes;
    });
}

const float = (who: string, x: ValueTree) => {
  for (const [path, v] of paths(who, x))
    if (!isFloat(v)) fail(who, `differentiates floating point values only${path ? ` (at ${path})` : ""}`, showType(v));
};

/** The reverse walk: cotangents of `inputs` from those of the outputs. */
function reverse(inputs: readonly Value[], outputs: readonly Value[], seeds: readonly Value[]): Value[] {
  const from = new Set(inputs),
    order = between(outputs, from),
    wanted = new Set<Value>([...order, ...inputs]),
    bar = new Map<Value, Value>();
  const accumulate = (v: Value, g: Value) => {
    const old = bar.get(v);
    bar.set(v, old ? old.add(g) : g);
  };
  outputs.forEach((y, i) => {
    if (wanted.has(y)) accumulate(y, seeds[i]);
  });
  for (let i = order.length - 1; i >= 0; i--) {
    const y = order[i],
      g = bar.get(y);
    if (!g) continue;
    rulesOf(y)
      .pullback(y, g)
      .forEach((c, k) => {
        if (c && wanted.has(y.inputs[k])) accumulate(y.inputs[k], c);
      });
  }
  return inputs.map(v => bar.get(v) ?? zerosLike(v));
}

type Function1<X, A extends unknown[]> = (x: X, ...rest: A) => Value;

/** Value and gradient of a scalar function with respect to its first argument: (x, …) ↦ [f(x, …), ∂f/∂x]. @throws if f is not scalar */
export const valueAndGrad =
  <X extends ValueTree, A extends unknown[]>(f: Function1<X, A>) =>
  (x: X, ...rest: A): [Value, X] => {
    float("grad", x);
    const z = map(mark, x),
      y = f(z, ...rest);
    if (!Value.is(y) || y.ndim !== 0)
      fail("grad", "differentiates functions that return a scalar (.sum() or .mean() it)", Value.is(y) ? showType(y) : typeof y);
    const leaves = paths("grad", z).map(([, v]) => v as Value),
      bars = reverse(leaves, [y], [literal(1, y)]);
    let i = 0;
    return [y, map(() => bars[i++], z)];
  };

/** Gradient of a scalar function with respect to its first argument: (x, …) ↦ ∂f/∂x, a tree like x. @throws if f is not scalar */
export const grad =
  <X extends ValueTree, A extends unknown[]>(f: Function1<X, A>) =>
  (x: X, ...rest: A): X =>
    valueAndGrad(f)(x, ...rest)[1];

/** Value and pull-back of a function at x: [f(x), ȳ ↦ (∂f/∂x)ᵀȳ]. */
export function vjp<X extends ValueTree, Y extends ValueTree>(f: (x: X) => Y, x: X): [Y, (cotangent: Y) => X] {
  float("vjp", x);
  const z = map(mark, x),
    y = f(z);
  const inputs = paths("vjp", z).map(([, v]) => v as Value),
    outputs = paths("vjp", y).map(([, v]) => v as Value);
  return [
    y,
    cotangent => {
      const seeds: Value[] = [];
      mapTree(
        "vjp's cotangent",
        ([a, b]) => {
          seeds.push(fit("vjp", b as Value, a as Value));
          return a;
        },
        [y, cotangent],
      );
      const bars = reverse(inputs, outputs, seeds);
      let i = 0;
      return map(() => bars[i++], z);
    },
  ];
}

/** Value and directional derivative of a function at x along v: [f(x), (∂f/∂x) v]. */
export function jvp<X extends ValueTree, Y extends ValueTree>(f: (x: X) => Y, x: X, v: NoInfer<X>): [Y, Y] {
  float("jvp", x);
  const z = map(mark, x),
    y = f(z),
    dot = new Map<Value, Value>();
  mapTree(
    "jvp's direction",
    ([a, b]) => {
      dot.set(a as Value, fit("jvp", b as Value, a as Value));
      return a;
    },
    [z, v],
  );
  for (const node of between(
    paths("jvp", y).map(([, leaf]) => leaf as Value),
    new Set(dot.keys()),
  )) {
    const t = rulesOf(node).pushforward(
      node,
      node.inputs.map(i => dot.get(i) ?? null),
    );
    if (t) dot.set(node, t);
  }
  return [y, map(leaf => dot.get(leaf) ?? zerosLike(leaf), y)];
}

/** A tangent or cotangent in the type of what it belongs to. */
function fit(who: string, t: Value, like: Value): Value {
  if (t.shape.join() !== like.shape.join()) fail(who, `needs directions of the shape ${showType(like)}`, showType(t));
  return convert(t, like.dtype);
}

/** Which axis of an argument is mapped; null: the argument is the same for all. */
export type InAxis = number | null;

/**
 * A function over one more axis: `vmap(f)(xs…)` stacks f(x…) over axis `inAxes` of the arguments (one number for all, or one an
 * argument; null where an argument is shared). The new axis of the results is the first.
 * @throws if the mapped axes differ in length
 */
export const vmap =
  <A extends ValueTree[], Y extends ValueTree>(f: (...args: A) => Y, inAxes: InAxis | readonly InAxis[] = 0) =>
  (...args: A): Y => {
    const axisOf = (i: number) => (typeof inAxes === "number" || inAxes === null ? inAxes : (inAxes[i] ?? null));
    const moved = args.map((arg, i) => {
      const axis = axisOf(i);
      return axis === null ? arg : map(v => moveaxis(v, axis, 0), arg);
    });
    const sizes = new Set(moved.flatMap((arg, i) => (axisOf(i) === null ? [] : paths("vmap", arg).map(([, v]) => v.shape[0]))));
    if (sizes.size !== 1) fail("vmap", "maps axes of one length", [...sizes].join(" and ") || "no mapped argument");
    const [size] = sizes,
      lanes = new Map<Value, Value>();
    const inner = moved.map((arg, i) =>
      axisOf(i) === null
        ? arg
        : map(v => {
            const lane = apply("input", [], { index: -1 }, { shape: v.shape.slice(1), dtype: v.dtype });
            lanes.set(lane, v);
            return lane;
          }, arg),
    ) as A;
    const y = f(...inner);
    for (const node of between(
      paths("vmap", y).map(([, leaf]) => leaf as Value),
      new Set(lanes.keys()),
    )) {
      const batched = node.inputs.map(i => lanes.has(i));
      lanes.set(
        node,
        rulesOf(node).batch(
          node,
          node.inputs.map(i => lanes.get(i) ?? i),
          batched,
          size,
        ),
      );
    }
    return map(leaf => lanes.get(leaf) ?? spread(leaf, [size, ...leaf.shape]), y);
  };
