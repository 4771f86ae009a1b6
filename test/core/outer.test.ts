import { describe, expect, test } from "vitest";
import { leavesWithPaths, mapTree, zipTrees } from "../../src/core/trees/host-tree.js";
import {
  adam,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByValue,
  constant,
  cosine,
  linear,
  momentum,
  outerSpellings,
  parseOuter,
  parseRate,
  powerDecay,
  rateSpellings,
  sgd,
  type Rate,
} from "../../src/core/outer/index.js";
import type { HostArray, HostTree } from "../../src/tensor/types.js";
import { host } from "../support/outer-reference.js";

const f64 = (...data: number[]): HostArray => host(Float64Array.from(data), "float64");
const f32 = (...data: number[]): HostArray => host(Float32Array.from(data), "float32");
const once = (transform: ReturnType<typeof parseOuter>, gradient: HostTree): HostTree =>
  transform.update(gradient, transform.init(gradient), gradient, 1).updates;

describe("schedules", () => {
  test("constant", () => expect([1, 2, 1000].map(constant(0.3))).toEqual([0.3, 0.3, 0.3]));

  test("powerDecay is γ·k^−p", () => {
    expect([1, 2, 10].map(powerDecay(10, 1))).toEqual([10, 5, 1]);
    expect([1, 4, 100].map(powerDecay(3, 0.5))).toEqual([3, 1.5, 0.3]);
    expect([1, 2, 3].map(powerDecay(18, 2))).toEqual([18, 4.5, 2]);
    expect([1, 7].map(powerDecay(2, 0))).toEqual([2, 2]);
  });

  test("linear starts at the first rate and stays at the second", () => {
    expect([1, 2, 3, 4, 5, 6, 1000].map(linear(1, 0, 4))).toEqual([1, 0.75, 0.5, 0.25, 0, 0, 0]);
    expect([1, 2, 3].map(linear(0, 2, 1))).toEqual([0, 2, 2]);
  });

  test("cosine is half a period", () => {
    const schedule = cosine(3, 1, 4);
    expect(schedule(1)).toBe(3);
    expect(schedule(3)).toBeCloseTo(2, 15);
    expect(schedule(2)).toBeCloseTo(2 + Math.SQRT1_2, 14);
    expect([5, 6, 99].map(schedule)).toEqual([1, 1, 1]);
  });

  test.each([
    [() => constant(-1), "constant wants a non-negative rate; received -1."],
    [() => powerDecay(NaN, 1), "powerDecay wants a non-negative rate; received NaN."],
    [() => powerDecay(1, -0.5), "powerDecay wants a non-negative power; received -0.5."],
    [() => linear(1, -1, 10), "linear wants a non-negative rate; received -1."],
    [() => linear(1, 0, 0), "linear wants a whole number of steps, at least 1; received 0."],
    [() => cosine(1, 0, 2.5), "cosine wants a whole number of steps, at least 1; received 2.5."],
  ])("refuses bad arguments: %#", (make, sentence) => expect(make).toThrow(`ufom: ${sentence}`));
});

describe("transforms", () => {
  test.each([
    [() => sgd(-0.1), "sgd wants a non-negative rate; received -0.1."],
    [() => sgd(Infinity), "sgd wants a non-negative rate; received Infinity."],
    [() => momentum(0.1, 1), "momentum wants beta in [0, 1); received 1."],
    [() => adam(0.1, { beta1: -0.1 }), "adam wants beta1 in [0, 1); received -0.1."],
    [() => adam(0.1, { beta2: NaN }), "adam wants beta2 in [0, 1); received NaN."],
    [() => adam(0.1, { epsilon: 0 }), "adam wants a positive epsilon; received 0."],
    [() => clipByValue(0), "clipByValue wants a positive limit; received 0."],
    [() => clipByGlobalNorm(Infinity), "clipByGlobalNorm wants a positive norm; received Infinity."],
    [() => chain(), "chain wants at least one transform; received none."],
  ])("refuse bad arguments where they are given: %#", (make, sentence) => expect(make).toThrow(`ufom: ${sentence}`));

  test("a schedule that gives no rate is refused at its step", () => {
    expect(() =>
      once(
        sgd(k => 1 - 2 * k),
        f64(1),
      ),
    ).toThrow("ufom: the rate of sgd must be a finite number ≥ 0 at step 1; received -1.");
  });

  test("Adam's first update is the rate, whatever the gradient's size", () => {
    const { data } = once(adam(0.01, { epsilon: 1e-300 }), f64(1e-6, -3, 4e7)) as HostArray;
    expect(Array.from(data, x => Math.abs(x + 0.01 * Math.sign(x) * -1))).toEqual([
      expect.closeTo(0, 12),
      expect.closeTo(0, 12),
      expect.closeTo(0, 12),
    ]);
  });

  test("the norm is of all leaves together, and does not overflow", () => {
    expect(once(clipByGlobalNorm(1), { a: f64(3), b: [f64(4)] })).toEqual({ a: f64(0.2 * 3), b: [f64(0.2 * 4)] });
    expect(once(clipByGlobalNorm(5), { a: f64(3), b: f64(4) })).toEqual({ a: f64(3), b: f64(4) });
    const { data } = once(clipByGlobalNorm(5), f64(3e200, 4e200)) as HostArray;
    expect(data[0]).toBeCloseTo(3, 12);
    expect(data[1]).toBeCloseTo(4, 12);
    expect(once(clipByGlobalNorm(1), f64(0, 0))).toEqual(f64(0, 0));
  });

  test("a state of another tree is refused", () => {
    const [theta, other] = [{ a: f32(1) }, { a: f32(1, 2) }];
    for (const transform of [momentum(0.1), adam(0.1)]) {
      expect(() => transform.update(theta, transform.init(other) as never, theta, 1)).toThrow(
        /^ufom: (momentum|adam) needs trees of one structure, float32\[1\] at a; received float32\[2\]\.$/,
      );
    }
    const pair = chain(clipByValue(1), sgd(1));
    expect(() => pair.update(theta, [null], theta, 1)).toThrow("ufom: chain needs the states of its 2 transforms; received 1.");
  });

  test("not-a-number is passed on, for solve() to see", () => {
    for (const transform of [sgd(0.1), adam(0.1), momentum(0.1), clipByValue(1), clipByGlobalNorm(1)]) {
      expect((once(transform, f64(NaN, 1)) as HostArray).data[0]).toBeNaN();
    }
  });

  test("applyUpdates adds, rounded to the element type", () => {
    expect(applyUpdates({ a: f32(1), b: f64(1) }, { a: f32(2 ** -30), b: f64(2 ** -30) })).toEqual({ a: f32(1), b: f64(1 + 2 ** -30) });
    expect(() => applyUpdates({ a: f32(1, 2) }, { a: f32(1) })).toThrow(
      "ufom: applyUpdates needs trees of one structure, float32[2] at a; received float32[1].",
    );
  });
});

describe("host trees", () => {
  const tree = { z: f32(1), a: [f64(2), { b: f64(3) }] };

  test("paths, in the order of the keys", () => {
    expect(leavesWithPaths(tree).map(([path, { data }]) => [path, data[0]])).toEqual([
      ["z", 1],
      ["a.0", 2],
      ["a.1.b", 3],
    ]);
    expect(leavesWithPaths(f64(1))).toEqual([["", f64(1)]]);
    expect(leavesWithPaths({})).toEqual([]);
  });

  test("mapTree gives f each leaf and its path", () => {
    const seen: string[] = [];
    const mapped = mapTree((leaf, path) => (seen.push(path), leaf), tree);
    expect(mapped).toEqual(tree);
    expect(Object.keys(mapped)).toEqual(["z", "a"]);
    expect(seen).toEqual(["z", "a.0", "a.1.b"]);
  });

  test.each([
    [{ z: f32(1) }, "{ z, a }; received { z }"],
    [{ z: f32(1), b: tree.a }, "{ z, a }; received { z, b }"],
    [{ ...tree, z: f64(1) }, "float32[1] at z; received float64[1]"],
    [{ ...tree, a: [f64(2)] }, "a list of 2 at a; received a list of 1"],
    [{ ...tree, a: { 0: f64(2), 1: { b: f64(3) } } }, "a list of 2 at a; received { 0, 1 }"],
    [{ ...tree, a: [f64(2), f64(3)] }, "{ b } at a.1; received float64[1]"],
    [[], "{ z, a }; received a list of 0"],
  ])("zipTrees refuses another structure: %#", (other, sentence) => {
    expect(() => zipTrees("sum", ([a]) => a, tree, other as HostTree)).toThrow(`ufom: sum needs trees of one structure, ${sentence}.`);
  });
});

describe("the command line's spelling", () => {
  test.each([
    ["sgd:0.1", "sgd(0.1)"],
    ["sgd:1e-3", "sgd(0.001)"],
    ["sgd:10/k", "sgd(10/k)"],
    ["sgd:10/k^0.5", "sgd(10/k^0.5)"],
    ["sgd:.5/k^.75", "sgd(0.5/k^0.75)"],
    ["sgd:linear:0.1..0@1000", "sgd(linear:0.1..0@1000)"],
    ["adam:cosine:1e-1...5@10", "adam(cosine:0.1..0.5@10)"],
    ["momentum:0.1", "momentum(0.1, 0.9)"],
    ["momentum:10/k,0.5", "momentum(10/k, 0.5)"],
    ["adam:0.5", "adam(0.5)"],
    ["adam:0.5,0.8", "adam(0.5, beta1 = 0.8)"],
    ["adam:0.5,0.9,0.99,1e-6", "adam(0.5, beta2 = 0.99, epsilon = 0.000001)"],
    ["clip-value:0.1+sgd:0.1", "chain(clipByValue(0.1), sgd(0.1))"],
    ["clip-norm:1e+3+adam:1e+0", "chain(clipByGlobalNorm(1000), adam(1))"],
  ])("%s is %s", (text, name) => expect(parseOuter(text).name).toBe(name));

  test.each([
    [
      "",
      'an outer transform is spelled like one of sgd:RATE, momentum:RATE[,BETA], adam:RATE[,BETA1[,BETA2[,EPSILON]]], clip-value:LIMIT, clip-norm:NORM, chained by +; received "".',
    ],
    ["lion:0.1", /chained by \+; received "lion:0\.1"\.$/],
    ["sgd", 'sgd is spelled sgd:RATE; received "sgd".'],
    ["sgd:0.1,0.9", 'sgd is spelled sgd:RATE; received "sgd:0.1,0.9".'],
    ["sgd:0.1+", /received "0\.1\+"\.$/],
    ["sgd:fast", 'a rate is spelled like one of 0.1, 10/k, 10/k^0.5, linear:0.1..0@1000, cosine:0.1..0@1000; received "fast".'],
    ["sgd:10/k^", /received "10\/k\^"\.$/],
    ["sgd:linear:0.1..0", /received "linear:0\.1\.\.0"\.$/],
    ["sgd:0x10", /received "0x10"\.$/],
    ["momentum:0.1,x", 'momentum is spelled momentum:RATE[,BETA] with numbers; received "x".'],
    ["momentum:0.1,1", "momentum wants beta in [0, 1); received 1."],
    ["clip-norm:-1", "clipByGlobalNorm wants a positive norm; received -1."],
    ["sgd:-1", "sgd wants a non-negative rate; received -1."],
  ])("refuses %j", (text, sentence) => {
    expect(() => parseOuter(text)).toThrow(typeof sentence === "string" ? `ufom: ${sentence}` : sentence);
  });

  test("every spelling that help shows can be read", () => {
    for (const { spelling } of rateSpellings) expect(() => parseRate(spelling)).not.toThrow();
    for (const { spelling } of outerSpellings)
      expect(() => parseOuter(spelling.replace(/\[.*/, "").replace(/[A-Z]+/, "0.1"))).not.toThrow();
  });

  test("a schedule read from text is the function", () => {
    const schedule = parseRate("linear:0.1..0@4") as Exclude<Rate, number>;
    expect([1, 3, 5].map(schedule)).toEqual([1, 3, 5].map(linear(0.1, 0, 4)));
    expect(parseRate("0.25")).toBe(0.25);
  });
});
