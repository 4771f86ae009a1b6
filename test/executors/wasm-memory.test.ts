import { describe, expect, it } from "vitest";
import { Allocator } from "../../src/executors/wasm/allocator.js";
import { describeProgram } from "../../src/executors/wasm/describe.js";
import { WasmExecutor } from "../../src/executors/wasm/executor.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { showBytes } from "../../src/executors/wasm/show-bytes.js";
import { np } from "../../src/index.js";
import type { Program } from "../../src/program/program.js";
import { trace } from "../../src/tensor/trace.js";
import type { HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

const type = (...shape: number[]) => ({ shape, dtype: "float32" as const });
const traced = (f: (...args: Value[]) => Value | Value[], ...shapes: Shape[]): Program =>
  trace(
    f,
    shapes.map(shape => type(...shape)),
  ).program;
const ones = (...shape: number[]): HostArray => ({ ...type(...shape), data: new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(1) });

/** n steps, each of which needs the whole result of the one before: a sum over it. */
const chain = (n: number, size: number): Program =>
  traced(
    x => {
      for (let i = 0; i < n; i++) x = np.sin(x).add(np.cos(x).sum());
      return x;
    },
    [size],
  );

describe("a program that does not fit is refused before it runs, with what it needs", () => {
  it("for its inputs and outputs, when it is compiled", () => {
    const executor = createWasmExecutor(),
      product = traced((a, b) => np.matmul(a, b), [200_000, 10], [10, 200_000]);
    expect(() => executor.compile(product, "product")).toThrow(
      "ufom: product needs 160 GB (16 MB for inputs, 160 GB for outputs); the wasm executor holds at most 4.29 GB.",
    );
    const square = traced((a, b) => np.matmul(a, b), [200_000, 200_000], [200_000, 200_000]);
    expect(() => executor.compile(square, "square")).toThrow(/square needs 480 GB \(320 GB for inputs, 160 GB for outputs\)/);
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });

  it("for what lies between, when it is compiled", () => {
    const program = traced((a, b) => np.max(np.matmul(a, b)).add(np.matmul(b, a).sum()), [200_000, 10], [10, 200_000]);
    expect(() => createWasmExecutor().compile(program, "inner.loss")).toThrow(
      /^ufom: inner\.loss needs \d+ GB \(16 MB for inputs, 4 bytes for outputs, \d+ GB for what lies between\); the wasm executor holds/,
    );
  });

  it("for an array, when it is uploaded", () => {
    const executor = new WasmExecutor(2 ** 20);
    const kept = executor.upload(ones(1_000));
    expect(() => executor.upload(ones(300_000))).toThrow(
      "ufom: the wasm executor holds at most 1.05 MB; 1.2 MB more are needed, 4.03 kB are in use.",
    );
    executor.free(kept);
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });

  it("for results beside what is in use, when it is called; nothing is lost", () => {
    const executor = new WasmExecutor(2 ** 20),
      negated = executor.compile(traced(x => [np.negative(x), np.square(x)], [60_000])),
      x = executor.upload(ones(60_000)),
      before = executor.usage();
    executor.free(executor.upload(ones(60_000)));
    const other = executor.upload(ones(120_000));
    expect(() => negated.run([x])).toThrow(/^ufom: the wasm executor holds at most 1\.05 MB; 241 kB more are needed, \d+ kB are in use\.$/);
    executor.free(other);
    expect(executor.usage()).toEqual(before);
    const [y, z] = negated.run([x]);
    expect([executor.read(y).data[59_999], executor.read(z).data[59_999]]).toEqual([-1, 1]);
  });

  it("and programs compiled before still have their scratch", () => {
    const executor = new WasmExecutor(2 ** 20),
      small = executor.compile(chain(3, 20_000)),
      x = executor.upload(ones(20_000)),
      expected = executor.read(small.run([x])[0]).data;
    const rest = executor.upload(ones(100_000));
    expect(() => executor.compile(chain(3, 100_000))).toThrow(/holds at most/);
    executor.free(rest);
    expect(executor.read(small.run([x])[0]).data).toEqual(expected);
  });
});

describe("memory is planned and reused", () => {
  it("scratch of a chain does not grow with its length", () => {
    const array = 4 * 10_000,
      [short, long] = [chain(5, 10_000), chain(100, 10_000)].map(p => describeProgram(p).scratchBytes);
    expect(long).toBe(short);
    expect(long).toBeLessThan(3 * array);
  });

  it("scratch of values that live at the same time does", () => {
    const wide = (n: number) =>
      traced(
        x => {
          const parts = Array.from({ length: n }, (_, i) => np.sin(x.mul(i + 1)).add(np.cos(x).sum().mul(i)));
          const total = parts.reduce((sum, part) => sum.add(part.sum()), np.sum(x));
          return parts.reduce((sum, part) => sum.add(np.flip(part).mul(total)), x);
        },
        [10_000],
      );
    expect(describeProgram(wide(20)).scratchBytes).toBeGreaterThan(8 * 4 * 10_000);
  });

  it("buffers, scratch and constants of programs that are gone serve later ones", () => {
    const executor = new WasmExecutor(2 ** 20);
    for (let round = 0; round < 60; round++) {
      const size = 20_000 + 64 * round,
        executable = executor.compile(chain(4 + (round % 3), size));
      const x = executor.upload(ones(size)),
        [y] = executable.run([x]);
      expect(executor.read(y).data.every(Number.isFinite)).toBe(true);
      for (const buffer of [x, y]) executor.free(buffer);
      executable.dispose();
    }
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    // Nothing is left over: almost the whole limit can be had in one piece.
    executor.free(executor.upload(ones(2 ** 18 - 1_000)));
  });

  it("an allocator that gave everything back has all of it again", () => {
    const allocator = new Allocator(2 ** 20),
      sizes = [100, 5_000, 64, 70_000, 900, 5_000];
    for (let round = 0; round < 20; round++) {
      const pieces = sizes.map(bytes => ({ bytes, pointer: allocator.take(bytes) }));
      const ends = [...pieces].sort((a, b) => a.pointer - b.pointer);
      ends.slice(1).forEach((p, i) => expect(p.pointer).toBeGreaterThanOrEqual(ends[i].pointer + ends[i].bytes));
      for (const { bytes, pointer } of round % 2 ? pieces : pieces.reverse()) allocator.give(pointer, bytes);
      expect(allocator.used).toBe(0);
      sizes.push(sizes.shift()! + 64);
    }
    const all = 2 ** 20 - 128;
    allocator.give(allocator.take(all), all);
  });
});

describe("bytes in sentences", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1_000, "1 kB"],
    [999_600, "1 MB"],
    [4 * 2 ** 30, "4.29 GB"],
    [1.6e11, "160 GB"],
    [3e19, "30 EB"],
    [5e23, "500000 EB"],
  ])("%d is %s", (bytes, text) => expect(showBytes(bytes)).toBe(text));
});
