import { describe, expect, it } from "vitest";
import { f32, f64, zeros } from "../../src/tensor/host.js";
import { trace } from "../../src/tensor/trace.js";
import * as tree from "../../src/tensor/tree-functions.js";
import { mapTree, paths } from "../../src/tensor/tree.js";
import type { Value } from "../../src/tensor/value.js";
import { evaluate, float, numbers, refusal } from "./evaluate.js";

type Net = { layers: { w: Value; b: Value }[]; scale: Value };
const net = () => ({
  layers: [
    { w: f64([1, 2]), b: f64([3]) },
    { w: f64([4, 5]), b: f64([6]) },
  ],
  scale: f64([7]),
});

describe("trees", () => {
  it("are walked in the order in which they are written, and leaves are named by their path", () => {
    expect(paths("net", net()).map(([path]) => path)).toEqual(["layers.0.w", "layers.0.b", "layers.1.w", "layers.1.b", "scale"]);
    expect(paths("net", zeros(2)).map(([path]) => path)).toEqual([""]);
    expect(paths("net", { none: [], nothing: {} })).toEqual([]);
  });

  it("map leaf by leaf, with others of one structure beside them, whatever the order of their keys", () => {
    const sum = evaluate<{ a: { data: Float64Array }; list: { data: Float64Array }[] }>(
      (x: { a: Value; list: Value[] }, y: { a: Value; list: Value[] }) => tree.map((p, q) => p.add(q), x, y),
      [
        { a: f64([1]), list: [f64([2])] },
        { list: [f64([20])], a: f64([10]) },
      ],
    );
    expect([sum.a.data[0], sum.list[0].data[0]]).toEqual([11, 22]);
    expect(Object.keys(sum)).toEqual(["a", "list"]);
  });

  it("have leaves, zeros, a norm and an inner product", () => {
    expect(numbers((t: Net) => tree.sumSquares(t), [net()])).toEqual([1 + 4 + 9 + 16 + 25 + 36 + 49]);
    expect(
      numbers(
        (t: Net) =>
          tree.dot(
            t,
            tree.map(v => v.mul(2), t),
          ),
        [net()],
      ),
    ).toEqual([280]);
    expect(evaluate<{ shape: number[] }[]>((t: Net) => tree.leaves(t), [net()]).map(v => v.shape)).toEqual([[2], [1], [2], [1], [1]]);
    const none = evaluate<Record<string, unknown>>((t: Net) => tree.zerosLike(t), [net()]);
    expect(none).toEqual({
      layers: [0, 1].map(() => ({
        w: { shape: [2], dtype: "float64", data: new Float64Array(2) },
        b: { shape: [1], dtype: "float64", data: new Float64Array(1) },
      })),
      scale: { shape: [1], dtype: "float64", data: new Float64Array(1) },
    });
    expect(numbers(() => tree.sumSquares([]))).toEqual([0]);
  });

  it("refuse another structure, and say where", () => {
    const map = (...trees: unknown[]) =>
      refusal((x: Value) => tree.map((...v) => v[0], ...(trees.map(t => (t === null ? t : fill(t, x))) as [Value, Value])), float(3));
    expect([
      map("x", ["x"]),
      map(["x"], "x"),
      map(["x"], ["x", "x"]),
      map(["x"], { 0: "x" }),
      map({ a: "x", b: ["x"] }, { a: "x", c: ["x"] }),
      map({ a: { b: "x" } }, { a: { b: 3 } }),
      map({ a: { b: ["x"] } }, { a: { b: null } }),
      map({ a: 3 }),
      map(undefined),
      map({ a: Float32Array.of(1) }),
      map(Promise.resolve()),
      map({ f: Math.sin }),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: tree.map needs trees of one structure (an array); received a list of 1.",
        "ufom: tree.map needs trees of one structure (a list of 1); received float32[3].",
        "ufom: tree.map needs trees of one structure (a list of 1); received a list of 2.",
        "ufom: tree.map needs trees of one structure (a list of 1); received { 0 }.",
        "ufom: tree.map needs trees of one structure ({ a, b }); received { a, c }.",
        "ufom: tree.map needs trees of one structure (an array at a.b); received 3.",
        "ufom: tree.map needs trees of one structure (a list of 1 at a.b); received null.",
        "ufom: tree.map must be a tree of arrays (at a); received 3.",
        "ufom: tree.map must be a tree of arrays; received undefined.",
        "ufom: tree.map must be a tree of arrays (at a); received a Float32Array (f32, f64, i32 make arrays with a shape).",
        "ufom: tree.map must be a tree of arrays; received a promise.",
        "ufom: tree.map must be a tree of arrays (at f); received a function.",
      ]
    `);
  });

  it("of values refuse host arrays", () => {
    expect(refusal(() => tree.sumSquares({ w: zeros(2, 3) as unknown as Value }))).toMatchInlineSnapshot(
      `"ufom: tree.sumSquares must be a tree of traced values (at w), and np.array makes one of a host array; received a host array float32[2,3]."`,
    );
    expect(refusal(() => tree.map(v => v, [f32([1])] as unknown as Value[]))).toMatchInlineSnapshot(
      `"ufom: tree.map must be a tree of traced values (at 0), and np.array makes one of a host array; received a host array float32[1]."`,
    );
    expect(refusal(() => ({ w: zeros(2) }))).toMatchInlineSnapshot(
      `"ufom: a traced function's result must be a tree of traced values (at w), and np.array makes one of a host array; received a host array float32[2]."`,
    );
  });

  it("have an inner product with leaves of one shape only", () => {
    expect(refusal((x: Value, y: Value) => tree.dot({ w: x }, { w: y }), float(3), float(1))).toMatchInlineSnapshot(
      `"ufom: tree.dot needs leaves of one shape (at w); received float32[3] and float32[1]."`,
    );
  });

  it("of any depth", () => {
    let deep: unknown = zeros(1);
    for (let i = 0; i < 500; i++) deep = i % 2 ? [deep] : { in: deep };
    expect(trace((t: never) => t, [deep]).program.outputs).toEqual([0]);
    expect(mapTree("a test", ([leaf]) => leaf, [deep])).toEqual(deep);
  });
});

/** The tree with the value in place of every "x". */
function fill(t: unknown, x: Value): unknown {
  if (t === "x") return x;
  if (Array.isArray(t)) return t.map(v => fill(v, x));
  const plain = typeof t === "object" && t !== null && Object.getPrototypeOf(t) === Object.prototype;
  return plain ? Object.fromEntries(Object.entries(t).map(([k, v]) => [k, fill(v, x)])) : t;
}
