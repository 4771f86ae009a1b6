import { describe, expect, it } from "vitest";
import { i32, nn, np, random, stream, vmap } from "../../src/index.js";
import { apply } from "../../src/tensor/operation.js";
import { threefry } from "../../src/tensor/random/threefry.js";
import type { FloatType, HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { compile, executors } from "../conformance/run.js";
import { loadOracle } from "../support/jax.js";
import { evaluate, float, numbers, refusal, type } from "./evaluate.js";

const int = (...shape: number[]) => type("int32", ...shape);
const words = (...hexadecimal: string[]) => i32(hexadecimal.map(w => parseInt(w, 16) | 0));
const seed = i32([0, 42]);

describe.each(Object.entries(executors))("on %s", (_, { create, prepare }) => {
  const executor = create();
  const run = async <R = HostArray>(f: (...x: never[]) => unknown, inputs: readonly HostArray[], precision: FloatType = "float32") =>
    (await compile<R>(executor, prepare, precision, f, inputs))(...inputs);

  it.each([
    // Random123's known answers: key, counter, block.
    [words("00000000", "00000000"), words("00000000", "00000000"), words("6b200159", "99ba4efe")],
    [words("ffffffff", "ffffffff"), words("ffffffff", "ffffffff"), words("1cb996fc", "bb002be7")],
    [words("13198a2e", "03707344"), words("243f6a88", "85a308d3"), words("c4923a9c", "483df7a0")],
  ])("Threefry-2x32-20 gives the known block %#", async (key, counter, block) => {
    const f = (k: Value, c: Value) => np.stack(threefry([k.slice(0), k.slice(1)], [c.slice(0), c.slice(1)]));
    expect(await run(f, [key, counter])).toEqual(block);
  });

  it("draws what JAX 0.10.2 draws from jax.random.key(42)", async () => {
    const draws = (k: Value) => ({
      split: random.split(k),
      folded: random.foldIn(k, 7),
      bits: random.bits(k, [4]),
      uniform: random.uniform(k, [5]),
      normal: random.normal(k, [5]),
      bernoulli: random.bernoulli(k, 0.3, [8]),
    });
    const drawn = await run<Record<keyof ReturnType<typeof draws>, HostArray>>(draws, [seed]);
    expect([...drawn.split.data]).toEqual([1832780943, 270669613, 64467757, 2916123636 | 0]);
    expect([...drawn.folded.data]).toEqual([2547012911 | 0, 1371500959]);
    expect([...drawn.bits.data]).toEqual([2098992034, 2919706841 | 0, 2646866425 | 0, 2409546199 | 0]);
    expect([...drawn.uniform.data]).toEqual([
      0.48870956897735596, 0.6797971725463867, 0.6162714958190918, 0.5610160827636719, 0.4506446123123169,
    ]);
    [-0.02830461598932743, 0.4671318531036377, 0.2957029640674591, 0.15354591608047485, -0.12403281778097153].forEach((x, i) =>
      expect(Math.abs(drawn.normal.data[i] / x - 1)).toBeLessThan(2 ** -22),
    );
    expect([...drawn.bernoulli.data]).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
  });

  it("draws the same bits in both precisions, and one lane of vmap what it draws alone", async () => {
    const keys = i32([0, 42, -1, 7, 2 ** 31 - 1, -(2 ** 31)], 3, 2);
    const draw = (k: Value) => [random.bits(k, [5, 3]), random.bernoulli(k, 0.37, [33]), random.uniform(k, [9])];
    const inFloat32 = await run<HostArray[]>(vmap(draw), [keys]);
    const inFloat64 = await run<HostArray[]>(vmap(draw), [keys], "float64");
    const values = (arrays: readonly HostArray[]) => arrays.map(({ shape, data }) => [shape, ...data]);
    expect(values(inFloat64)).toEqual(values(inFloat32));
    const alone = await run<HostArray[][]>((all: Value) => [0, 1, 2].map(i => draw(all.slice(i))), [keys]);
    inFloat32.forEach((all, k) => expect([...all.data]).toEqual(alone.flatMap(lane => [...lane[k].data])));
  });

  it("gives each step of a loop its own mask, which repeats", async () => {
    const mask = (k: Value, step: Value) => nn.dropout(np.ones([64]), 0.5, random.foldIn(k, step));
    const f = (k: Value) => [0, 1, 0].map(step => mask(k, np.array(i32([step])).reshape([])));
    const [first, second, again] = (await run<HostArray[]>(f, [seed])).map(({ data }) => Array.from(data));
    expect(again).toEqual(first);
    expect(second).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([0, 2]));
  });
});

describe("distributions, of 100,000 numbers from one key", () => {
  const n = 100_000;
  const moments = (data: readonly number[]) => {
    const mean = data.reduce((sum, x) => sum + x, 0) / n;
    return [mean, data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n];
  };

  it("uniform: in [0, 1), mean ½, variance 1/12, as many in each of 20 intervals", () => {
    const data = numbers((k: Value) => random.uniform(k, [n]), [seed]);
    expect(data.every(u => u >= 0 && u < 1 && Number.isInteger(u * 2 ** 23))).toBe(true);
    const [mean, variance] = moments(data);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
    const counts = new Array<number>(20).fill(0);
    for (const u of data) counts[Math.floor(20 * u)]++;
    // χ² with 19 degrees of freedom exceeds 44 once in a thousand times.
    expect(counts.reduce((sum, c) => sum + (c - n / 20) ** 2 / (n / 20), 0)).toBeLessThan(44);
  });

  it("normal: the first four moments, and no correlation of neighbours", () => {
    const data = numbers((k: Value) => random.normal(k, [n]), [seed]);
    const [mean, variance] = moments(data);
    const power = (p: number) => data.reduce((sum, x) => sum + x ** p, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(power(3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(power(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    expect(Math.abs(data.reduce((sum, x, i) => sum + x * (data[i + 1] ?? 0), 0) / n)).toBeLessThan(4 / Math.sqrt(n));
  });

  it("dropout keeps the mean, and the share that the rate says", () => {
    const data = numbers((k: Value) => nn.dropout(np.ones([n]), 0.3, k), [seed]);
    const kept = data.filter(x => x !== 0).length / n;
    expect(Math.abs(kept - 0.7)).toBeLessThan(4 * Math.sqrt(0.21 / n));
    expect(new Set(data)).toEqual(new Set([0, 1 / 0.7]));
  });

  it("keys of neighbouring seeds, folds and splits draw different bits", () => {
    const f = () => {
      const keys = [...[0, 1, 2, 3].map(s => random.key(s)), ...[0, 1, 2].map(i => random.foldIn(random.key(0), i))];
      const split = random.split(random.key(1), 3);
      return np.concatenate([...keys, split.slice(0), split.slice(1), split.slice(2)].map(k => random.bits(k, [100])));
    };
    expect(new Set(numbers(f)).size).toBe(1_000);
  });
});

it("jax-js draws the same", async () => {
  const jax = await loadOracle();
  const { bits, key, split, uniform } = jax.random;
  for (const s of [0, 1, 1701]) {
    const own = evaluate<HostArray[]>(() => {
      const k = random.key(s);
      return [random.split(k, 3), random.bits(k, [2, 3]), random.uniform(k, [5])];
    }, []);
    const int32 = (array: ReturnType<typeof bits>) => Array.from(array.dataSync() as Uint32Array, x => x | 0);
    expect(int32(split(key(s), 3))).toEqual([...own[0].data]);
    expect(int32(bits(key(s), [2, 3]))).toEqual([...own[1].data]);
    expect(Array.from(uniform(key(s), [5]).dataSync() as Float32Array)).toEqual([...own[2].data]);
  }
});

it("a stream draws keys for task data", () => {
  const [a, b] = [stream(1, "task", 0, 0), stream(1, "task", 0, 1)];
  expect(a.key()).toMatchObject({ shape: [2], dtype: "int32" });
  expect(a.key().data).not.toEqual(stream(1, "task", 0, 0).key().data);
  expect(stream(1, "task", 0, 1).key()).toEqual(b.key());
});

it("refuses what is no key, number or shape", () => {
  const key = int(2);
  const refusals = [
    refusal((k: Value) => random.bits(k), float(2)),
    refusal((k: Value) => random.uniform(k, [3]), int()),
    refusal((k: Value) => random.normal(k, [3]), int(3, 2)),
    refusal((k: Value) => random.bernoulli(k), int(3)),
    refusal((k: Value) => random.bits(k, [-1]), key),
    refusal((k: Value) => random.split(k, 1.5), key),
    refusal(() => random.uniform(7 as never, [2])),
    refusal(() => random.key(-1)),
    refusal(() => random.key(0.5)),
    refusal((s: Value) => random.key(s), float()),
    refusal((k: Value) => random.foldIn(k, 2 ** 32), key),
    refusal((k: Value, step: Value) => random.foldIn(k, step), key, int(1)),
    refusal((k: Value) => apply("xor", [k, k], {}), float(2)),
    refusal((k: Value, x: Value) => apply("shiftLeft", [k, x], {}), key, int(3)),
  ];
  expect(refusals).toMatchInlineSnapshot(`
    [
      "ufom: bits takes a key, int32[2]; received float32[2].",
      "ufom: uniform takes a key, int32[2]; received int32[].",
      "ufom: normal takes a key, int32[2]; received int32[3,2].",
      "ufom: bernoulli takes a key, int32[2]; received int32[3].",
      "ufom: bits takes whole, non-negative extents; received [-1].",
      "ufom: split takes whole, non-negative extents; received [1.5].",
      "ufom: uniform takes a key, a traced value int32[2] (random.key makes one of a seed); received number.",
      "ufom: key takes a whole seed from 0 below 2^53; received -1.",
      "ufom: key takes a whole seed from 0 below 2^53; received 0.5.",
      "ufom: key takes a seed, an int32 scalar; received float32[].",
      "ufom: foldIn takes a number to fold in, a whole number of 32 bits; received 4294967296.",
      "ufom: foldIn takes a number to fold in, an int32 scalar; received int32[1].",
      "ufom: xor takes int32 numbers; received float32[2].",
      "ufom: shiftLeft takes operands of one type; received int32[2] and int32[3].",
    ]
  `);
});
