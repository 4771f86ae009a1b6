import { grad, jvp, lax, np, tree, vmap } from "../../../src/index.js";
import type { ScanMemory } from "../../../src/tensor/lax/scan.js";
import type { HostArray } from "../../../src/tensor/types.js";
import { f64 } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";

/** How a loop is written: by `lax.scan` with a memory, or as JavaScript's loop over slices. */
export type Way = ScanMemory | "unrolled";

type Step<C, X> = (carry: C, x: X) => readonly [C, Value];

const rowsOf = (x: Value): Value[] => Array.from({ length: x.shape[0] }, (_, i) => x.slice(i));

/** The same loop in one of the ways. */
export function loop<C extends Record<string, Value>, X extends Record<string, Value>>(
  way: Way,
  step: Step<C, X>,
  init: C,
  xs: X,
  reverse = false,
): [C, Value] {
  if (way !== "unrolled") return lax.scan<C, X, Value>(step, init, xs, { reverse, memory: way });
  const rows = Object.entries(xs).map(([k, x]) => [k, rowsOf(x)] as const),
    n = rows[0][1].length,
    ys: Value[] = new Array<Value>(n);
  let carry = init;
  for (let s = 0; s < n; s++) {
    const t = reverse ? n - 1 - s : s;
    [carry, ys[t]] = step(carry, Object.fromEntries(rows.map(([k, r]) => [k, r[t]])) as X);
  }
  return [carry, np.stack(ys)];
}

/** A recurrence with an integer in its carry, a weight from around, and inputs of two kinds. */
const network =
  (w: Value): Step<{ h: Value; n: Value }, { x: Value; keep: Value }> =>
  ({ h, n }, { x, keep }) => {
    const next = np.tanh(np.matmul(h, w).add(x)).mul(n.add(1).astype("float32").mul(0.1));
    const kept = np.where(keep, next, h);
    return [{ h: kept, n: n.add(1) }, kept.mul(x).sum()];
  };

const steps = 7;
const numbers = (n: number, seed: number) => Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + seed) * 0.8);

export const inputs: readonly HostArray[] = [f64(numbers(9, 1), 3, 3), f64(numbers(3, 2), 3), f64(numbers(3 * steps, 3), steps, 3)];

const total = (way: Way, reverse: boolean) => (w: Value, h: Value, x: Value) => {
  const keep = np.arange(steps).notEqual(2);
  const [last, ys] = loop(way, network(w), { h, n: np.zeros([], "int32") }, { x, keep }, reverse);
  return last.h.sum().add(ys.mul(ys).sum()).add(last.n.astype("float32"));
};

const parts = (way: Way, reverse: boolean) => {
  const f = total(way, reverse);
  const all = (p: Record<string, Value>) => f(p.w, p.h, p.x);
  return { f, all };
};

type Built = (w: Value, h: Value, x: Value) => Value[] | Record<string, Value>;

/** Functions of w, h and x that are made of the loop by transforms in various nestings. */
export const nests = (way: Way, reverse: boolean): Record<string, Built> => {
  const { f, all } = parts(way, reverse);
  const gradient = grad(all);
  const squared = (p: Record<string, Value>) => tree.sumSquares(gradient(p));
  const lanes = (x: Value) => np.stack([x, x.mul(0.5), x.add(0.1)]);
  return {
    value: (w, h, x) => [f(w, h, x)],
    grad: (w, h, x) => gradient({ w, h, x }),
    gradOfW: (w, h, x) => [grad((v: Value) => f(v, h, x))(w)],
    gradOfGrad: (w, h, x) => grad(squared)({ w, h, x }),
    jvp: (w, h, x) => jvp((v: Value) => f(v, h, x), w, np.cos(w)),
    jvpOfH: (w, h, x) => jvp((v: Value) => f(w, v, x), h, np.cos(h)),
    jvpOfX: (w, h, x) => jvp((v: Value) => f(w, h, v), x, np.cos(x)),
    jvpOfGrad: (w, h, x) => jvp(gradient, { w, h, x }, { w: x.slice([0, 3]), h: w.slice(0), x: np.cos(x) })[1],
    gradOfJvp: (w, h, x) => [grad((v: Value) => jvp((u: Value) => f(u, h, x), v, np.cos(w))[1])(w)],
    jvpOfJvp: (w, h, x) => [jvp((v: Value) => jvp((u: Value) => f(u, h, x), v, np.cos(w))[1], w, np.sin(w))[1]],
    vmapOfX: (w, h, x) => [vmap((v: Value) => f(w, h, v))(lanes(x))],
    vmapOfH: (w, h, x) => [vmap((v: Value) => f(w, v, x))(lanes(h))],
    vmapOfW: (w, h, x) => [vmap((v: Value) => f(v, h, x))(lanes(w))],
    vmapOfGrad: (w, h, x) => vmap((v: Value, u: Value) => grad(all)({ w: v, h, x: u }))(lanes(w), lanes(x)),
    gradOfVmap: (w, h, x) => [
      grad((v: Value) =>
        vmap((u: Value) => f(v, u, x))(lanes(h))
          .mul(np.array([1, -2, 3]))
          .sum(),
      )(w),
    ],
    vmapOfVmap: (w, h, x) => [vmap((v: Value) => vmap((u: Value) => f(w, v, u))(lanes(x)))(lanes(h))],
    gradOfVmapOfGrad: (w, h, x) => [grad((v: Value) => tree.sumSquares(vmap((u: Value) => grad(all)({ w: v, h: u, x }))(lanes(h))))(w)],
  };
};
