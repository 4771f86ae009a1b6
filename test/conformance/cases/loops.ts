import { customGradient } from "../../../src/tensor/custom-gradient.js";
import { lax } from "../../../src/tensor/language.js";
import * as np from "../../../src/tensor/np/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import { at, tabulate, zip } from "./plain.js";

const { integers, real, truths } = inputsFor("loops");

/** The carries of h ← sin(h + x_t), from the first on. */
function sines(h: number, xs: readonly number[], reverse = false): number[] {
  const ys = new Array<number>(xs.length);
  let carry = h;
  for (let s = 0; s < xs.length; s++) {
    const t = reverse ? xs.length - 1 - s : s;
    carry = Math.sin(carry + xs[t]);
    ys[t] = carry;
  }
  return ys;
}
const step = (h: Value, x: Value) => {
  const next = np.sin(h.add(x));
  return [next, next] as const;
};

/** A square with a rule of its own, of what the step carries. */
const square = customGradient(
  (x: Value) => x.mul(x),
  (g, x) => g.mul(x).mul(2),
);

export const loops: readonly Case[] = [
  ...(["store", "checkpoint=1", "checkpoint=2", "checkpoint=4", "checkpoint=100"] as const).flatMap(memory =>
    [false, true].flatMap((reverse): Case[] => [
      // All y.
      {
        of: "lax.scan",
        f: (h, x) => lax.scan(step, h, x, { reverse, memory })[1],
        inputs: [real(), real(5)],
        expected: (h, x) => ({ shape: [5], data: sines(h.data[0], x.data, reverse) }),
        jax: (jax, h, x) => {
          const ys: (typeof h)[] = [];
          let carry = h;
          for (let s = 0; s < 5; s++) {
            const t = reverse ? 4 - s : s;
            carry = jax.np.sin(jax.np.add(carry, x.ref.slice(t)));
            ys[t] = carry.ref;
          }
          carry.dispose();
          x.dispose();
          return jax.np.stack(ys);
        },
      },
      // The last carry, with a matrix from around, of more than one lane.
      {
        of: "lax.scan",
        f: (w, x) =>
          lax.scan((h: Value, row: Value) => [np.tanh(np.matmul(h, w).add(row)), null], np.zeros([2]), x, { reverse, memory })[0],
        inputs: [real(2, 2), real(3, 2)],
        expected: (w, x) => {
          let h = [0, 0];
          for (const t of reverse ? [2, 1, 0] : [0, 1, 2])
            h = [0, 1].map(j => Math.tanh(h[0] * at(w, [0, j]) + h[1] * at(w, [1, j]) + at(x, [t, j])));
          return { shape: [2], data: h };
        },
      },
    ]),
  ),
  // No xs; no step.
  {
    of: "lax.scan",
    f: x => lax.scan((h: Value) => [h.mul(x), h], x, null, { length: 3 })[1],
    inputs: [real(2)],
    expected: x => tabulate([3, 2], (t, i) => x.data[i] ** (t + 1)),
  },
  { of: "lax.scan", f: (h, x) => lax.scan(step, h, x)[0], inputs: [real(), real(0)], expected: h => h },
  { of: "lax.scan", f: (h, x) => lax.scan(step, h, x)[1], inputs: [real(), real(0)], expected: () => ({ shape: [0], data: [] }) },
  // Nothing carried: a function of each row.
  {
    of: "lax.scan",
    f: x => lax.scan((c: null, row: Value) => [c, np.exp(row)] as const, null, x)[1],
    inputs: [real(3, 2)],
    expected: x => zip(Math.exp, x),
  },
  // A rule of one's own within.
  {
    of: "lax.scan",
    f: (h, x) => lax.scan((c: Value, row: Value) => [square(c).mul(0.3).add(row), null], h, x)[0],
    inputs: [vector(0.4, -0.7), real(3, 2)],
    expected: (h, x) => tabulate([2], i => [0, 1, 2].reduce((c, t) => 0.3 * c * c + at(x, [t, i]), h.data[i])),
  },
  // Whole numbers and truth values, carried and given.
  {
    of: "lax.scan",
    f: (k, on) => {
      const init = { sum: np.zeros([], "int32"), any: np.array(false) };
      const [last, ys] = lax.scan(
        (c: typeof init, x: { k: Value; on: Value }) => {
          const sum = np.where(x.on, c.sum.add(x.k), c.sum).astype("int32");
          return [{ any: np.logicalOr(c.any, x.on), sum }, sum] as const;
        },
        init,
        { k, on },
      );
      return np.where(last.any, ys, ys.mul(0)).astype("int32");
    },
    inputs: [integers(-3, 4, 6), truths(6)],
    expected: (k, on) => {
      let sum = 0;
      return tabulate([6], t => (sum += on.data[t] ? k.data[t] : 0));
    },
  },
  {
    of: "lax.fori",
    f: x => lax.fori(-2, 4, (i, y) => np.sin(y).add(i.astype("float32").mul(0.1)), x),
    inputs: [real(3)],
    expected: x => zip(v => [-2, -1, 0, 1, 2, 3].reduce((y, i) => Math.sin(y) + i * 0.1, v), x),
  },
  { of: "lax.fori", f: x => lax.fori(3, 3, (_, y) => y.mul(2), x), inputs: [real(2)], expected: x => x },
  {
    of: "lax.fori",
    f: x => lax.fori(0, 5, (i, { y, n }) => ({ y: np.cos(y.add(np.take(x, i, 0))), n: n.add(1) }), { y: x.sum(), n: np.zeros([]) }).y,
    inputs: [real(5)],
    expected: x => ({
      shape: [],
      data: [
        x.data.reduce(
          (y, v) => Math.cos(y + v),
          x.data.reduce((a, b) => a + b, 0),
        ),
      ],
    }),
  },
  ...[1, -1].map((sign): Case => ({
    of: "lax.cond",
    f: (x, y) =>
      lax.cond(
        x.sum().mul(sign).greater(0.01),
        (a, b) => np.exp(a).mul(b),
        a => np.sin(a),
        x,
        y,
      ),
    inputs: [vector(0.5, 0.25, -0.4), real(3)],
    expected: (x, y) => {
      const isTrue = sign * x.data.reduce((sum, v) => sum + v, 0) > 0.01;
      return zip((a, b) => (isTrue ? Math.exp(a) * b : Math.sin(a)), x, y);
    },
  })),
  ...[[], [0]].flatMap((shape): Case[] => [
    { of: "lax.fori", f: x => lax.fori(0, 2, (_, y) => y.mul(3), x), inputs: [real(...shape)], expected: x => zip(v => 9 * v, x) },
    {
      of: "lax.cond",
      f: x =>
        lax.cond(
          x.sum().less(1e6),
          y => y.mul(3),
          y => y,
          x,
        ),
      inputs: [real(...shape)],
      expected: x => zip(v => 3 * v, x),
    },
  ]),
  // Trees, whose keys come in another order, and values from around.
  {
    of: "lax.cond",
    f: (x, k) => {
      const { a, b } = lax.cond(
        k.sum().less(0),
        () => ({ a: x.mul(3), b: k.add(1) }),
        () => ({ b: k, a: np.square(x) }),
      );
      return a.mul(b.sum());
    },
    inputs: [real(2), integers(1, 4, 2)],
    expected: (x, k) => zip(v => v * v * (k.data[0] + k.data[1]), x),
  },
];
