import { describe, expect, it } from "vitest";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { np } from "../../src/index.js";
import { ProgramBuilder } from "../../src/program/builder.js";
import { hashProgram } from "../../src/program/hash.js";
import { serializeProgram } from "../../src/program/serialize.js";
import { trace } from "../../src/tensor/trace.js";
import type { FloatType, HostArray, TypedArray } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

const bitsOf = ({ buffer, byteOffset, length }: TypedArray, dtype: FloatType): string[] =>
  dtype === "float32"
    ? Array.from(new Uint32Array(buffer, byteOffset, length), x => x.toString(16))
    : Array.from(new BigUint64Array(buffer, byteOffset, length), x => x.toString(16));

const canonical = { float32: "7fc00000", float64: "7ff8000000000000" };

/** NaN: negative, with a payload, signalling; and numbers around it. */
function oddNumbers(dtype: FloatType): HostArray {
  const data =
    dtype === "float32"
      ? new Float32Array(Uint32Array.of(0xffc00000, 0x7fc12345, 0xff800001, 0x7f800000, 0x80000000, 0x3f800000).buffer)
      : new Float64Array(
          BigUint64Array.of(0xfff8n << 48n, (0x7ff8n << 48n) + 5n, (0xfff0n << 48n) + 1n, 0x7ff0n << 48n, 1n << 63n, 0x3ff0n << 48n).buffer,
        );
  return { shape: [6], dtype, data };
}

describe.each(["float32", "float64"] as const)("NaN in %s", dtype => {
  it("is read as the canonical one, wherever it comes from; nothing else is changed", () => {
    const executor = createWasmExecutor(),
      x = executor.upload(oddNumbers(dtype));
    const { program } = trace(
      (x: Value) => [x, np.negative(x), np.abs(x), x.sub(x), np.sqrt(np.negative(np.abs(x))), np.sum(x), np.max(x), np.flip(x)],
      [{ shape: [6], dtype: "float32" }],
      dtype,
    );
    const read = [x, ...executor.compile(program).run([x])].map(buffer => executor.read(buffer).data);
    const nan = read.flatMap(data => bitsOf(data, dtype).filter((_, i) => Number.isNaN(data[i])));
    expect(nan.length).toBeGreaterThan(25);
    expect(new Set(nan)).toEqual(new Set([canonical[dtype]]));
    expect(bitsOf(read[0], dtype).slice(3)).toEqual(bitsOf(oddNumbers(dtype).data, dtype).slice(3));
  });

  it("comes of sums of products with ∞ of both signs, wherever the ∞ is repeated", () => {
    const executor = createWasmExecutor(),
      signs = { shape: [33, 2], dtype, data: allocate({ shape: [33, 2], dtype }).map((_, i) => (i % 3) - 1.25) },
      type = (...shape: number[]) => ({ shape, dtype: "float32" as const });
    const products: readonly ((x: Value, s: Value, t: Value) => Value)[] = [
      (x, s) => np.matmul(x.T, np.broadcastTo(s, [33, 5])),
      (x, s) => np.matmul(np.broadcastTo(s, [5, 33]), x),
      (x, _, t) => np.matmul(x.T, np.broadcastTo(t, [33, 5])),
      (x, _, t) => np.matmul(np.broadcastTo(t.reshape([5, 1]), [5, 33]), x),
      (x, s) => np.matmul(np.broadcastTo(s, [3, 5, 33]), x),
    ];
    for (const product of products) {
      const { program } = trace(product, [type(33, 2), type(), type(5)], dtype);
      for (const special of [Infinity, -Infinity, NaN]) {
        const s = { shape: [], dtype, data: allocate({ shape: [], dtype }).fill(special) },
          t = { shape: [5], dtype, data: allocate({ shape: [5], dtype }).map((_, i) => (i === 3 ? 2 : special)) };
        const [result] = executor.compile(program).run([signs, s, t].map(a => executor.upload(a))),
          expected = evaluateProgram(program, [signs, s, t])[program.outputs[0]];
        expect(Array.from(executor.read(result).data, Number.isNaN)).toEqual(Array.from(expected.data, Number.isNaN));
        expect(Array.from(expected.data).some(Number.isNaN)).toBe(true);
      }
    }
    executor.dispose();
  });

  it("has one hash and one text as a constant, and the array is left as it is", () => {
    const withConstant = (array: HostArray) => {
      const builder = new ProgramBuilder();
      return builder.build([builder.constant(array)]);
    };
    const odd = oddNumbers(dtype),
      before = bitsOf(odd.data, dtype),
      quiet = { ...odd, data: odd.data.map((x, i) => (i < 3 ? NaN : x)) },
      [a, b] = [odd, quiet].map(withConstant);
    expect(hashProgram(a)).toBe(hashProgram(b));
    expect(serializeProgram(a)).toBe(serializeProgram(b));
    expect(bitsOf(odd.data, dtype)).toEqual(before);
  });
});
