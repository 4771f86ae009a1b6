import { afterAll, describe, expect, it } from "vitest";
import { stream } from "../../src/core/random/index.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { optimize } from "../../src/program/passes/index.js";
import { np } from "../../src/index.js";
import type { DType, FloatType, HostArray } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { compile } from "../conformance/run.js";

const executor = createWasmExecutor();
afterAll(() => executor.dispose());
const run = async (f: (x: Value) => Value, x: HostArray, precision: FloatType): Promise<number[]> =>
  Array.from((await (await compile<HostArray>(executor, optimize, precision, f, [x]))(x)).data);

/** Few different numbers, special ones among them. */
function numbers(dtype: DType, n: number): HostArray {
  const random = stream(3, `sort ${dtype}`, n),
    data = allocate({ shape: [n], dtype });
  const special = dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1, 0] : [NaN, -NaN, Infinity, -Infinity, 0, -0, 1e-30, -1e-30];
  for (let i = 0; i < n; i++) data[i] = random.integer(4) === 0 ? special[random.integer(special.length)] : random.integer(n) - n / 2;
  return { shape: [n], dtype, data };
}

/** Insertion from the left, behind everything that is not greater: slow, stable, and shares nothing with merging. */
function order(x: ArrayLike<number>): number[] {
  const isGreater = (a: number, b: number) => a > b || (Number.isNaN(a) && !Number.isNaN(b));
  const sorted: number[] = [];
  for (let i = 0; i < x.length; i++) {
    let at = sorted.length;
    while (at > 0 && isGreater(x[sorted[at - 1]], x[i])) at--;
    sorted.splice(at, 0, i);
  }
  return sorted;
}

describe.each(["float32", "float64", "int32"] as const)("argsort of %s", dtype => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, 257])("of %i numbers is that of insertion", async n => {
    const x = numbers(dtype, n);
    const given = dtype === "float32" ? { ...x, data: Float64Array.from(x.data), dtype: "float64" as const } : x;
    expect(await run(v => np.argsort(v), given, dtype === "float64" ? "float64" : "float32")).toEqual(order(x.data));
  });

  it.each([0, 1, 2])("along axis %i of several, and of what is read backwards and across", async axis => {
    const { data } = numbers(dtype, 5 * 6 * 7);
    const x: HostArray = { shape: [5, 6, 7], dtype, data };
    const given = dtype === "float32" ? { ...x, data: Float64Array.from(data), dtype: "float64" as const } : x;
    const f = (v: Value) => np.argsort(np.flip(v.transpose([1, 2, 0]), 1), axis);
    const found = await run(f, given, dtype === "float64" ? "float64" : "float32");
    const shape = [6, 7, 5];
    const at = (i: number, j: number, k: number) => data[(k * 6 + i) * 7 + (6 - j)];
    for (let a = 0; a < shape[(axis + 1) % 3]; a++)
      for (let b = 0; b < shape[(axis + 2) % 3]; b++) {
        const index = (l: number) => [l, a, b].map((_, i, all) => all[(i - axis + 3) % 3]) as [number, number, number];
        const line = Array.from({ length: shape[axis] }, (_, l) => index(l));
        expect(line.map(([i, j, k]) => found[(i * 7 + j) * 5 + k])).toEqual(order(line.map(place => at(...place))));
      }
  });
});

it("100,000 numbers are sorted", async () => {
  const x = { ...numbers("float64", 100_000), data: Float64Array.from(stream(1, "many").uniform([100_000]).data) };
  const found = await run(v => np.sort(v), x, "float32");
  expect(found).toEqual(Array.from(Float32Array.from(x.data).sort()));
});
