import { describe, expect, it } from "vitest";
import { array, defineProblem, full, hypergradient, lax, nn, np } from "../../src/index.js";
import type { HostArray, Value } from "../../src/index.js";
import type { ScanMemory } from "../../src/tensor/lax/scan.js";
import { stream } from "../../src/core/random/index.js";
import { paths } from "../../src/tensor/tree.js";

const steps = 6,
  units = 5;
type Way = ScanMemory | "unrolled";
type Weights<T> = { cell: { input: T; hidden: T; inputBias: T; hiddenBias: T }; out: T };

/** A recurrent network in the inner and in the outer loss, or counted loops and a choice. */
function problemOf(way: Way, counted: boolean) {
  const states = (cell: Weights<Value>["cell"], x: Value): Value => {
    if (way !== "unrolled") {
      const step = (h: Value, row: Value) => {
        const next = nn.gru(cell, h, row);
        return [next, next] as const;
      };
      return lax.scan(step, np.zeros([2, units]), x, { memory: way })[1];
    }
    const all: Value[] = [];
    for (let t = 0; t < steps; t++) all.push(nn.gru(cell, all[t - 1] ?? np.zeros([2, units]), x.slice(t)));
    return np.stack(all);
  };
  const error = (w: Weights<Value>, x: Value, y: Value) => np.square(np.matmul(states(w.cell, x), w.out).sub(y)).mean();
  const twice = (f: (w: Value) => Value, w: Value): Value => (way === "unrolled" ? f(f(w)) : lax.fori(0, 2, (_, v) => f(v), w));
  const choice = (sum: Value, a: Value): Value => {
    const [yes, no] = [() => np.square(a).sum().mul(sum), () => sum.mul(0.5)];
    return way === "unrolled" ? np.where(sum.greater(2), yes(), no()) : lax.cond(sum.greater(2), yes, no);
  };
  const theta = () => ({ start: { cell: nn.gru.init(stream(3, "a test"), 3, units), out: full(0.1, units, 1) }, logRate: full(-2) });
  const task = () => {
    const random = stream(5, "a test");
    return { x: random.normal([steps, 2, 3]), y: random.normal([steps, 2, 1]) };
  };
  if (!counted)
    return defineProblem({
      theta,
      task,
      init: t => t.start,
      inner: { loss: (_, w, { x, y }) => error(w, x, y), rate: t => np.exp(t.logRate), steps: 3 },
      outer: (_, w, { x, y }) => error(w, x.mul(0.5), y),
    });
  return defineProblem({
    theta: () => ({ a: array([0.3, -0.2]), start: array([1, 2]) }),
    task: () => ({ x: array(1) }),
    init: t => t.start,
    inner: {
      loss: (t, w) =>
        np
          .square(twice(v => v.sub(np.sin(v.mul(t.a)).mul(0.1)), w))
          .sum()
          .add(choice(w.sum(), t.a)),
      rate: 0.1,
      steps: 4,
    },
    outer: (_, w) => np.square(w.sub(1)).sum(),
  });
}

const flat = (gradient: unknown): number[] => paths("a gradient", gradient).flatMap(([, a]) => Array.from((a as HostArray).data));

async function run(way: Way, counted: boolean, estimator: string, executor: "wasm" | "reference", precision: "float32" | "float64") {
  const { loss, gradient } = await hypergradient(problemOf(way, counted) as never, {
    estimator: estimator as "exact",
    executor,
    dtype: precision,
  });
  return [loss, ...flat(gradient)];
}
const far = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]) / Math.max(1e-3, Math.abs(b[i]))));

describe.each(["exact", "exact:checkpoint=2", "forward", "truncated:2", "implicit:cg=8"])("%s", estimator => {
  it.each([
    ["losses", false],
    ["counts and choices", true],
  ])("of a problem with loops in %s is that of the loops written out", async (_, counted) => {
    const expected = await run("unrolled", counted, estimator, "reference", "float64");
    for (const executor of ["reference", "wasm"] as const) {
      const own = await run("store", counted, estimator, executor, "float64");
      expect(own.length).toBe(expected.length);
      expect(far(own, expected)).toBeLessThan(1e-9);
    }
  });
});

it.each(["checkpoint=1", "checkpoint=2", "checkpoint=4"] as const)("%s has the bits of store, in float32 too", async way => {
  for (const precision of ["float32", "float64"] as const)
    expect(await run(way, false, "exact", "wasm", precision)).toEqual(await run("store", false, "exact", "wasm", precision));
});
