import { describe, expect, test } from "vitest";
import { leaves, mapTree } from "../../src/core/trees/host-tree.js";
import {
  adam,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByValue,
  cosine,
  linear,
  momentum,
  powerDecay,
  sgd,
  type OuterTransform,
  type Schedule,
  type TransformState,
} from "../../src/core/outer/index.js";
import { stream } from "../../src/core/random/index.js";
import type { FloatType, HostArray, HostTree, TypedArray } from "../../src/tensor/types.js";
import { host, references, type Reference } from "../support/outer-reference.js";

interface Row {
  readonly transform: OuterTransform;
  readonly name: string;
  readonly reference: Reference;
  readonly gamma?: (k: number) => number;
  /** Whether it descends by itself; a clip needs a rate behind it. */
  readonly descends: boolean;
}

const constantly = (gamma: number) => (): number => gamma;
const halving: Schedule = k => 0.4 * 0.5 ** Math.floor(k / 40);

// Every outer transform keeps these promises; a new one is added here and nowhere else.
const rows: readonly Row[] = [
  { transform: sgd(0.1), name: "sgd(0.1)", reference: references.sgd, gamma: constantly(0.1), descends: true },
  { transform: sgd(powerDecay(1.5, 1)), name: "sgd(1.5/k)", reference: references.sgd, gamma: k => 1.5 / k, descends: true },
  { transform: sgd(halving), name: "sgd(halving)", reference: references.sgd, gamma: halving, descends: true },
  { transform: momentum(0.05), name: "momentum(0.05, 0.9)", reference: references.momentum(0.9), gamma: constantly(0.05), descends: true },
  {
    transform: momentum(linear(0.2, 0.01, 200), 0.5),
    name: "momentum(linear:0.2..0.01@200, 0.5)",
    reference: references.momentum(0.5),
    gamma: k => 0.2 + (0.01 - 0.2) * (Math.min(k - 1, 200) / 200),
    descends: true,
  },
  {
    transform: adam(cosine(0.2, 0, 300)),
    name: "adam(cosine:0.2..0@300)",
    reference: references.adam(0.9, 0.999, 1e-8),
    gamma: cosine(0.2, 0, 300),
    descends: true,
  },
  {
    transform: adam(powerDecay(0.5, 0.5), { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }),
    name: "adam(0.5/k^0.5, beta1 = 0.5, beta2 = 0.9, epsilon = 0.001)",
    reference: references.adam(0.5, 0.9, 1e-3),
    gamma: k => 0.5 / Math.sqrt(k),
    descends: true,
  },
  { transform: clipByValue(0.3), name: "clipByValue(0.3)", reference: references.clipByValue(0.3), descends: false },
  { transform: clipByGlobalNorm(1.7), name: "clipByGlobalNorm(1.7)", reference: references.clipByGlobalNorm(1.7), descends: false },
  { transform: clipByGlobalNorm(100), name: "clipByGlobalNorm(100)", reference: gradients => gradients.at(-1)!, descends: false },
  {
    transform: chain(clipByValue(0.3), momentum(0.05, 0.5)),
    name: "chain(clipByValue(0.3), momentum(0.05, 0.5))",
    reference: (gradients, all, gamma) =>
      references.momentum(0.5)(
        gradients.map(g => references.clipByValue(0.3)([g], all, gamma)),
        all,
        gamma,
      ),
    gamma: constantly(0.05),
    descends: true,
  },
];

const floats = { float32: Float32Array, float64: Float64Array };

/** A random tree with a matrix, a scalar, an empty leaf and a list; the keys are not in alphabetical order. */
function randomTree(dtype: FloatType, ...index: number[]): HostTree {
  const random = stream(5, "gradient", ...index);
  const leaf = (...shape: number[]): HostArray =>
    host(floats[dtype].from(Array.from(random.normal(shape).data, x => x * 1.1)), dtype, shape);
  return { w: leaf(3, 2), layers: [{ bias: leaf() }, { bias: leaf(4) }], empty: leaf(0) };
}

const dataOf = (tree: HostTree): TypedArray[] => leaves(tree).map(({ data }) => data);

describe.each(rows)("outer transform $name", ({ transform, name, reference, gamma = constantly(NaN), descends }) => {
  test("is named as in reports", () => expect(transform.name).toBe(name));

  test.each(["float32", "float64"] as const)("30 steps equal the plain loops bit for bit in %s", dtype => {
    const theta = randomTree(dtype, 0);
    const gradients: TypedArray[][] = leaves(theta).map(() => []);
    let state = transform.init(theta);
    for (let k = 1; k <= 30; k++) {
      const gradient = randomTree(dtype, k);
      dataOf(gradient).forEach((data, i) => gradients[i].push(data));
      const step = transform.update(gradient, state, theta, k);
      state = step.state;
      expect(dataOf(step.updates)).toEqual(gradients.map(past => reference(past, dataOf(gradient), gamma)));
    }
  });

  test("keeps the tree: keys in order, lists, shapes, element types", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const theta = randomTree(dtype, 0);
      const { updates } = transform.update(randomTree(dtype, 1), transform.init(theta), theta, 1);
      const outline = (tree: HostTree): string =>
        JSON.stringify(mapTree(leaf => ({ ...leaf, data: new Uint8Array(leaf.data.length) }), tree));
      expect(outline(updates)).toBe(outline(theta));
    }
  });

  test("changes neither the gradient, nor the state, nor θ", () => {
    const [theta, gradient] = [randomTree("float32", 0), randomTree("float32", 1)];
    const { state } = transform.update(gradient, transform.init(theta), theta, 1);
    const before = structuredClone([theta, gradient, state]);
    const once = transform.update(gradient, state, theta, 2);
    expect([theta, gradient, state]).toEqual(before);
    expect(transform.update(gradient, state, theta, 2)).toEqual(once);
  });

  test.each([
    ["structuredClone", (state: TransformState) => structuredClone(state)],
    ["JSON", (state: TransformState) => revive(JSON.parse(JSON.stringify(state, flatten)))],
  ] as const)("goes on the same from a state that went through %s", (_, save) => {
    const theta = randomTree("float32", 0);
    const run = (interrupt: boolean): HostTree[] => {
      let state = transform.init(theta);
      return Array.from({ length: 12 }, (_, i) => {
        if (interrupt && i === 6) state = save(state);
        const step = transform.update(randomTree("float32", i + 1), state, theta, i + 1);
        state = step.state;
        return step.updates;
      });
    };
    expect(run(true)).toEqual(run(false));
  });

  test("takes a quadratic to its minimum", () => {
    const whole = descends ? transform : chain(transform, sgd(0.1));
    // ½ Σ aᵢ (θᵢ − cᵢ)², aᵢ in [½, 2].
    const random = stream(6, "quadratic");
    const [a, c] = [random.uniform([8], 0.5, 2).data, random.normal([8]).data];
    let theta: HostTree = { x: host(new Float64Array(8), "float64") };
    let state = whole.init(theta);
    const distance = (): number => Math.hypot(...dataOf(theta)[0].map((x, i) => x - c[i]));
    const start = distance();
    for (let k = 1; k <= 400; k++) {
      const gradient = mapTree(leaf => ({ ...leaf, data: leaf.data.map((x, i) => a[i] * (x - c[i])) }), theta);
      const step = whole.update(gradient, state, theta, k);
      [theta, state] = [applyUpdates(theta, step.updates), step.state];
    }
    expect(distance()).toBeLessThan(0.01 * start);
  });

  test("refuses integers, at the latest where the updates are applied", () => {
    const theta = { n: host(new Int32Array(2), "int32") };
    expect(() => applyUpdates(theta, transform.update(theta, transform.init(theta), theta, 1).updates)).toThrow(
      /works on float32 and float64 leaves \(at n\); received int32\[2\]\.$/,
    );
  });
});

/** Typed arrays as lists of numbers, and back by the element type beside them. */
function flatten(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
}

function revive(value: unknown): TransformState {
  if (typeof value !== "object" || value === null) return value as TransformState;
  if (Array.isArray(value)) return value.map(revive);
  const entries = Object.entries(value);
  if ("dtype" in value && "data" in value) {
    const { shape, dtype, data } = value as { shape: number[]; dtype: FloatType; data: number[] };
    return host(floats[dtype].from(data), dtype, shape);
  }
  return Object.fromEntries(entries.map(([key, child]) => [key, revive(child)]));
}
