import { beforeAll, describe, expect, it } from "vitest";
import type { HostArray } from "../../src/tensor/types.js";
import { type JaxArray, loadOracle, type Oracle } from "./jax.js";

let jax: Oracle;
beforeAll(async () => {
  jax = await loadOracle();
});

const f64 = (data: number[], ...shape: number[]): HostArray => ({
  shape: shape.length ? shape : [data.length],
  dtype: "float64",
  data: Float64Array.from(data),
});
const point = [0.1, -0.7, 1.3, 2.9, -3.1];
const direction = [1, -2, 0.5, 0.25, 3];

function expectNear(found: HostArray, expected: readonly number[], tolerance = 1e-12) {
  expect(found.dtype).toBe("float64");
  expect(found.data).toHaveLength(expected.length);
  expected.forEach((e, i) => expect(Math.abs(found.data[i] - e)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(e))));
}

/** A separable function Σ f(x_i), with its first two derivatives. */
interface Case {
  readonly name: string;
  readonly jax: (x: JaxArray) => JaxArray;
  readonly f: (x: number) => number;
  readonly first: (x: number) => number;
  readonly second: (x: number) => number;
}
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const cases: readonly Case[] = [
  {
    name: "exp(0.3 x)",
    jax: x => jax.np.exp(x.mul(0.3)),
    f: x => Math.exp(0.3 * x),
    first: x => 0.3 * Math.exp(0.3 * x),
    second: x => 0.09 * Math.exp(0.3 * x),
  },
  {
    name: "log(x² + 0.1)",
    jax: x => jax.np.log(jax.np.square(x).add(0.1)),
    f: x => Math.log(x * x + 0.1),
    first: x => (2 * x) / (x * x + 0.1),
    second: x => (2 * (0.1 - x * x)) / (x * x + 0.1) ** 2,
  },
  {
    name: "tanh",
    jax: x => jax.np.tanh(x),
    f: Math.tanh,
    first: x => 1 - Math.tanh(x) ** 2,
    second: x => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2),
  },
  {
    name: "x sin x",
    jax: x => x.ref.mul(jax.np.sin(x)),
    f: x => x * Math.sin(x),
    first: x => Math.sin(x) + x * Math.cos(x),
    second: x => 2 * Math.cos(x) - x * Math.sin(x),
  },
  {
    name: "softplus",
    jax: x => jax.nn.softplus(x),
    f: x => Math.log1p(Math.exp(x)),
    first: sigmoid,
    second: x => sigmoid(x) * sigmoid(-x),
  },
];

describe.each(cases)("the oracle on Σ $name in float64", ({ jax: g, f, first, second }) => {
  const total = (x: JaxArray) => jax.np.sum(g(x));
  it("value", () => expectNear(jax.evaluate(total, f64(point)), [point.reduce((sum, x) => sum + f(x), 0)]));
  it("gradient", () => expectNear(jax.evaluate(jax.grad(total), f64(point)), point.map(first)));
  it("Hessian-vector product, forward over reverse", () => {
    const product = jax.jvp(jax.grad(total), [jax.toJax(f64(point))], [jax.toJax(f64(direction))])[1];
    expectNear(
      jax.toHost(product),
      point.map((x, i) => second(x) * direction[i]),
    );
  });
  it("Hessian-vector product, reverse over reverse", () => {
    const along = (x: JaxArray, v: JaxArray) => jax.np.sum(jax.grad(total)(x).mul(v));
    expectNear(
      jax.evaluate(jax.grad(along), f64(point), f64(direction)),
      point.map((x, i) => second(x) * direction[i]),
    );
  });
});

describe("the oracle", () => {
  it("gives numbers back as they came, in every element type", () => {
    const arrays: HostArray[] = [
      f64([0.1, Math.PI, 1 / 3, 1e-300], 2, 2),
      { shape: [3], dtype: "float32", data: Float32Array.of(0.1, -2, 1e30) },
      { shape: [3], dtype: "int32", data: Int32Array.of(2147483647, -1, 0) },
      { shape: [3], dtype: "bool", data: Uint8Array.of(1, 0, 1) },
      { shape: [], dtype: "float64", data: Float64Array.of(0.1) },
    ];
    for (const array of arrays) expect(jax.toHost(jax.toJax(array))).toEqual(array);
  });

  it("does not round literals to float32", () => {
    for (const literal of [0.1, 1 / 3, Math.E]) {
      expect(jax.evaluate(x => x.mul(literal), f64(point)).data).toEqual(Float64Array.from(point, x => x * literal));
      expect(jax.evaluate(x => x.add(literal), f64(point)).data).toEqual(Float64Array.from(point, x => x + literal));
    }
  });

  it("multiplies matrices and contracts indices", () => {
    const a = f64([1, 2, 3, 4, 5, 6], 2, 3);
    const b = f64([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 3, 2);
    expectNear(
      jax.evaluate((a, b) => jax.np.matmul(a, b), a, b),
      [2.2, 2.8, 4.9, 6.4],
    );
    expectNear(
      jax.evaluate((a, b) => jax.np.einsum("ij,jk->ki", a, b), a, b),
      [2.2, 4.9, 2.8, 6.4],
    );
  });

  it("maps over a batch", () => {
    const batch = f64([1, 2, 3, 4], 2, 2);
    expectNear(
      jax.evaluate(x => jax.vmap((row: JaxArray) => jax.np.sum(jax.np.square(row)))(x), batch),
      [5, 25],
    );
  });
});
