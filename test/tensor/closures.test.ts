import { describe, expect, it } from "vitest";
import { customGradient, defineProblem, f32, grad, hypergradient, jvp, np, stopGradient, vjp, vmap, zeros } from "../../src/index.js";
import type { Value } from "../../src/index.js";
import { f64 } from "../../src/tensor/host.js";
import { float, numbers, refusal } from "./evaluate.js";

// Functions that use values from outside of their argument: transforms go through them, and a rule that cannot says so.

const square = (x: Value) => np.square(x).sum();
const [x, y] = [f64([0.3, -0.8, 1.1]), f64([0.7, 0.2, -0.4])];

/** (∂/∂y) of a scalar function of x and y by central differences. */
const differences = (f: (x: Value, y: Value) => Value): number[] =>
  [...y.data].map((_, i) => {
    const h = 1e-5,
      at = (d: number) => numbers(f, [x, f64([...y.data].map((v, k) => v + (k === i ? d : 0)))])[0];
    return (at(h) - at(-h)) / (2 * h);
  });

/** Scalar functions of x and y whose inner transform is of a function that closes over y. */
const functions: Record<string, (x: Value, y: Value) => Value> = {
  grad: (a, b) => square(grad((z: Value) => np.sin(z.mul(b)).mul(z).sum())(a)),
  "grad of grad": (a, b) => square(grad((z: Value) => square(grad((u: Value) => u.mul(u).mul(u).mul(b).mul(z).sum())(z)))(a)),
  "grad that makes what is closed over": (a, b) => {
    const c = np.exp(b);
    return square(grad((z: Value) => z.mul(c).mul(z).sum())(a.mul(b)));
  },
  jvp: (a, b) => square(jvp((z: Value) => np.sin(z.mul(b)), a, b)[1]),
  "jvp of grad": (a, b) => square(jvp((z: Value) => grad((u: Value) => np.exp(u.mul(z).mul(b)).sum())(z), a, b.mul(a))[1]),
  "vjp, with a cotangent that is closed over too": (a, b) => {
    const [, pull] = vjp((z: Value) => np.sin(z).mul(b), a);
    return square(pull(b.mul(b)));
  },
  vmap: (a, b) => square(vmap((v: Value) => np.sin(b.mul(v)).sum())(a)),
  "vmap of grad": (a, b) => square(vmap((v: Value) => grad((z: Value) => z.mul(z).mul(v).mul(b).sum())(b))(a)),
  "grad of vmap": (a, b) => square(grad((z: Value) => square(vmap((v: Value) => z.mul(v).mul(b).sum())(a)))(a)),
  "vmap in vmap": (a, b) => square(vmap((v: Value) => vmap((w: Value) => v.mul(w).mul(np.sin(b)).sum())(b))(a)),
  "the same value inside and outside": (a, b) =>
    grad((z: Value) => z.mul(b).mul(b).sum())(b)
      .mul(b)
      .mul(a)
      .sum(),
};

describe("transforms of functions that close over a value under differentiation", () => {
  it.each(Object.entries(functions))("%s: as central differences", (_, f) => {
    const found = numbers((a: Value, b: Value) => grad((z: Value) => f(a, z))(b), [x, y]),
      forward = [0, 1, 2].map(
        i =>
          numbers(
            (a: Value, b: Value) => jvp((z: Value) => ({ v: f(a, z) }), b, np.array([0, 1, 2].map(k => Number(k === i))))[1].v,
            [x, y],
          )[0],
      );
    const expected = differences(f);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
    for (const gradient of [found, forward])
      gradient.forEach((g, i) => expect(Math.abs(g - expected[i])).toBeLessThan(1e-7 * (1 + Math.abs(expected[i]))));
  });
});

describe("customGradient", () => {
  /** x·c with the rule of x·c, where c is not part of the argument. */
  const times = (c: Value) =>
    customGradient(
      (z: Value) => z.mul(c),
      g => g.mul(c),
    );
  const rule =
    "ufom: customGradient takes what is differentiated as its argument (or with stopGradient, for no derivative), and its function uses it from outside; received ";

  it("refuses to lose the derivative of what its function closes over, and says of what", () => {
    const at = (f: (p: { a: Value; b: Value }) => Value) => refusal((v: Value) => grad(f)({ a: v, b: v.mul(2) }), float(3));
    expect(at(({ a, b }) => square(times(b)(a)))).toMatch(rule);
    // Named as the program's inputs are.
    expect(refusal((v: Value) => grad((z: Value) => square(times(z)(v)))(v), float(3))).toBe(`${rule}x0: float32[3].`);
    expect(refusal((v: Value) => grad((z: Value) => square(times(np.exp(z).mul(2))(v)))(v), float(3))).toBe(
      `${rule}float32[3] of multiply, made of x0.`,
    );
    // Its own argument, but from outside.
    expect(refusal((v: Value) => grad((z: Value) => square(times(z)(z)))(v), float(3))).toMatch(rule);
    expect(refusal((v: Value) => jvp((z: Value) => times(z)(v), v, v)[1], float(3))).toMatch(rule);
    expect(refusal((v: Value) => vjp((z: Value) => times(z)(v), v)[1](v), float(3))).toMatch(rule);
    // Inside of a map, and of another rule.
    expect(refusal((v: Value) => grad((z: Value) => square(vmap((w: Value) => times(z)(w))(np.ones([2, 3]))))(v), float(3))).toMatch(rule);
    expect(
      refusal((v: Value) => grad((z: Value) => square(vmap((w: Value) => times(w)(np.ones([3])))(np.stack([z, z]))))(v), float(3)),
    ).toMatch(rule);
    const around = (c: Value) =>
      customGradient(
        (z: Value) => times(c)(z),
        g => g,
      );
    expect(refusal((v: Value) => grad((z: Value) => square(around(z)(v)))(v), float(3))).toMatch(rule);
    // Outside of the gradient that is taken first.
    expect(refusal((v: Value) => grad((z: Value) => square(grad((u: Value) => square(times(z)(u)))(v)))(v), float(3))).toMatch(rule);
  });

  it("closes over data, constants, what is stopped, and what has no derivative", () => {
    const gradient = (f: (z: Value) => Value) => numbers((v: Value) => grad((z: Value) => f(z).sum())(v), [x]);
    const data = np.array([1, 2, 3]);
    expect(gradient(z => times(data)(z))).toEqual([1, 2, 3]);
    expect(gradient(z => times(stopGradient(z.mul(2)))(z))).toEqual([...x.data].map(v => 2 * v));
    expect(gradient(z => times(np.astype(z.greater(0), "float64"))(z))).toEqual([1, 0, 1]);
    // Differentiated in another place, and mapped.
    expect(numbers((v: Value) => grad((z: Value) => times(v)(z).sum())(np.ones([3])), [x])).toEqual([...x.data]);
    expect(numbers((v: Value) => vmap((w: Value) => times(w)(np.ones([])))(v), [x])).toEqual([...x.data]);
  });

  it("has a pull-back that may close over anything: its derivative is part of the rule's", () => {
    // f(z) = z² (an own rule 2 z g c with c from outside): ∂/∂c of the gradient is 2 z.
    const own = (c: Value) =>
      customGradient(
        (z: Value) => z.mul(z),
        (g, z) => g.mul(z).mul(2).mul(c),
      );
    const second = (v: Value) => grad((c: Value) => grad((z: Value) => own(c)(z).sum())(v).sum())(np.ones([3]));
    expect(numbers(second, [x])).toEqual([...x.data].map(v => 2 * v));
  });

  it("is refused where a problem is defined, with the function, its line and the leaf", async () => {
    const define = (outer: (theta: { w: Value; c: Value }, phi: Value) => Value) =>
      defineProblem({
        theta: () => ({ w: f32([1, 2]), c: f32([3, 4]) }),
        task: () => ({ y: zeros(2) }),
        init: theta => theta.w,
        inner: { loss: (_, phi, { y }) => square(phi.sub(y)), rate: 0.1, steps: 1 },
        outer,
      });
    expect(() => define((theta, phi) => square(times(theta.c)(phi)))).toThrow(
      /customGradient takes what is differentiated .*; received theta\.c: float32\[2\] \(outer, closures\.test\.ts:\d+\)\.$/,
    );
    expect(() => define((theta, phi) => square(times(phi)(theta.c)))).toThrow(/received phi: float32\[2\] \(outer, /);
    const whole = customGradient(
      (p: { z: Value; c: Value }) => p.z.mul(p.c),
      (g, p) => ({ z: g.mul(p.c), c: g.mul(p.z) }),
    );
    const { gradient } = await hypergradient(
      define((theta, phi) => whole({ z: phi, c: theta.c }).sum()),
      { dtype: "float64" },
    );
    // φ₁ = (1 − 2·0.1) w.
    expect([...gradient.c.data]).toEqual([0.8, 1.6].map(v => expect.closeTo(v, 14) as number));
    expect([...gradient.w.data]).toEqual([2.4, 3.2].map(v => expect.closeTo(v, 14) as number));
  });
});
