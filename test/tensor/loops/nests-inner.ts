import { grad, jvp, lax, np, tree, vmap } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Way } from "./nests.js";
import { loop } from "./nests.js";

/** A choice: by `lax.cond`, or where the choice is written out, by selecting both results. */
const choose = (way: Way, pred: Value, yes: (x: Value) => Value, no: (x: Value) => Value, x: Value): Value =>
  way === "unrolled" ? np.where(pred, yes(x), no(x)) : lax.cond(pred, yes, no, x);

const total = (y: Value): Value => y.mul(y).sum();

/** A loop in a loop, of which the inner one's weight is the outer one's carry. */
const loopInLoop = (way: Way) => (w: Value, h: Value, x: Value) => {
  const [last, ys] = loop(
    way,
    ({ a }, { row }) => {
      const [inner] = loop(way, ({ b }, { v }) => [{ b: np.tanh(b.mul(v.sum()).add(a).add(w.slice(0))) }, b.sum()], { b: row }, { v: w });
      return [{ a: inner.b.add(h.mul(0.1)) }, inner.b.mul(row).sum()];
    },
    { a: h },
    { row: x },
  );
  return total(last.a).add(total(ys));
};

/** A choice in a loop, which takes either way. */
const choiceInLoop = (way: Way) => (w: Value, h: Value, x: Value) => {
  const [last, ys] = loop(
    way,
    ({ a }, { row }) => {
      const next = choose(
        way,
        row.sum().greater(0),
        v => np.tanh(np.matmul(v, w)).add(row),
        v => v.mul(h),
        a,
      );
      return [{ a: next }, total(next)];
    },
    { a: h },
    { row: x },
  );
  return total(last.a).add(ys.sum());
};

/** A loop in one way of a choice, and the other way without anything. */
const loopInChoice =
  (way: Way, pred: (x: Value) => Value) =>
  (w: Value, h: Value, x: Value): Value =>
    total(
      choose(
        way,
        pred(x.sum()),
        v => loop(way, ({ a }, { row }) => [{ a: np.tanh(np.matmul(a, w).add(row)) }, a.sum()], { a: v }, { row: x })[0].a,
        v => v,
        h,
      ),
    );

/** An input that is no float, a constant of the body, and an output that nobody reads. */
const counted = (way: Way) => (w: Value, h: Value, x: Value) => {
  const rows = np.arange(7);
  const [last, ys] = loop(
    way,
    ({ a, n }, { i }) => {
      const row = np.take(x, i, 0);
      const next = np.sin(a.mul(np.array([0.5, -1, 2])).add(row)).add(np.take(w, n, 0));
      return [{ a: next, n: np.where(n.equal(2), 0, n.add(1)).astype("int32") }, next.sum()];
    },
    { a: h, n: np.zeros([], "int32") },
    { i: rows },
  );
  return total(last.a).add(ys.mul(0).sum());
};

type F = (w: Value, h: Value, x: Value) => Value;
export type Built = (w: Value, h: Value, x: Value) => Value[] | Record<string, Value>;

const kinds = (way: Way): Record<string, F> => ({
  loopInLoop: loopInLoop(way),
  choiceInLoop: choiceInLoop(way),
  loopInChoice: loopInChoice(way, s => s.greater(-1000)),
  loopInOtherChoice: loopInChoice(way, s => s.greater(1000)),
  counted: counted(way),
});

const transforms: Record<string, (f: F) => Built> = {
  value: f => (w, h, x) => [f(w, h, x)],
  grad: f => (w, h, x) => grad((p: Record<string, Value>) => f(p.w, p.h, p.x))({ w, h, x }),
  gradOfGrad: f => (w, h, x) => {
    const squared = (p: Record<string, Value>) => tree.sumSquares(grad((q: Record<string, Value>) => f(q.w, q.h, q.x))(p));
    return grad(squared)({ w, h, x });
  },
  jvp: f => (w, h, x) => jvp((v: Value) => f(v, h, x), w, np.cos(w)),
  jvpOfGrad: f => (w, h, x) =>
    jvp(
      grad((v: Value) => f(v, h, x)),
      w,
      np.cos(w),
    ),
  gradOfJvp: f => (w, h, x) => [grad((v: Value) => jvp((u: Value) => f(v, h, u), x, np.cos(x))[1])(w)],
  vmap: f => (w, h, x) => [vmap((v: Value) => f(w, v, x))(np.stack([h, h.mul(-1), h.add(1)]))],
  vmapOfX: f => (w, h, x) => [vmap((v: Value) => f(w, h, v))(np.stack([x, x.mul(-1), x.add(2)]))],
  vmapOfGrad: f => (w, h, x) => [vmap((v: Value) => grad((u: Value) => f(u, h, v))(w))(np.stack([x, x.mul(-1), x.add(2)]))],
  gradOfVmap: f => (w, h, x) => [grad((u: Value) => vmap((v: Value) => f(u, v, x))(np.stack([h, h.mul(-1)])).sum())(w)],
};

/** All of these functions, transformed in all of these ways. */
export const innerNests = (way: Way): Record<string, Built> =>
  Object.fromEntries(
    Object.entries(kinds(way)).flatMap(([kind, f]) =>
      Object.entries(transforms).map(([name, of]) => [`${name} of ${kind}`, of(f)] as const),
    ),
  );
