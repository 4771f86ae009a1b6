import { describe, expect, onTestFinished, vi } from "vitest";
import { np, type Executor, type HostArray, type Value } from "../../../src/index.js";
import type { Buffer, Executable } from "../../../src/executors/executor.js";
import { trace } from "../../../src/tensor/trace.js";
import { suiteTests, type SuiteOptions } from "./skip.js";

const array = (dtype: HostArray["dtype"], shape: readonly number[], numbers: readonly number[]): HostArray => {
  const types = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };
  return { shape, dtype, data: types[dtype].from(numbers) };
};
const arrays = [
  array("float32", [2, 3], [0.1, -0, Infinity, -Infinity, 1e-45, 3e38]),
  array("float64", [3], [0.1, 5e-324, -1.7e308]),
  array("int32", [2, 2], [0, -1, 2147483647, -2147483648]),
  array("bool", [4], [0, 1, 1, 0]),
  array("float32", [], [7]),
  array("float64", [0, 3], []),
  array(
    "float32",
    [1000],
    Array.from({ length: 1000 }, (_, i) => i / 7),
  ),
];
const vector = array("float32", [5], [1, 2, 3, 4, 5]);

/** x ↦ (x, 2x, x), and a constant. */
const program = trace((x: never) => [x, (x as Value).mul(2), x, np.array(array("float32", [2], [8, 9]))] as never, [vector]).program;
const sumOf = (dtype: "float32" | "float64") =>
  trace((a: never, b: never) => (a as Value).add(b).sum(), [array("float32", [3], [0, 0, 0]), array("float32", [3], [0, 0, 0])], dtype)
    .program;

/** The tests of an executor that links no calls may be skipped. */
export const linking: readonly string[] = [
  "links calls: as one by one, on other inputs too, and with nothing left behind",
  "links calls: an empty result leaves its neighbours alone",
];

/** What every executor promises. What operations compute is the suite of operations. */
export function runExecutorTests(name: string, { create: make, skip }: SuiteOptions & { readonly create: () => Executor }): void {
  describe(`executor: ${name}`, () => {
    const test = suiteTests(skip);
    const setUp = async (): Promise<{ executor: Executor; run: Executable }> => {
      const executor = make();
      return { executor, run: await executor.compile(program, "double") };
    };

    test.each(arrays)("reads back $dtype[$shape] as it was uploaded, and keeps a copy of its own", async original => {
      const executor = make(),
        given = { ...original, data: original.data.slice() },
        buffer = executor.upload(given);
      expect([buffer.shape, buffer.dtype]).toEqual([original.shape, original.dtype]);
      given.data.fill(1);
      const first = await executor.read(buffer);
      expect(first).toEqual(original);
      first.data.fill(1);
      expect(await executor.read(buffer)).toEqual(original);
    });

    test("runs: outputs are new buffers, also where an output is an input; inputs stay", async () => {
      const { executor, run } = await setUp(),
        x = executor.upload(vector),
        out = await run.run([x]);
      expect(new Set([x, ...out]).size).toBe(5);
      expect(await Promise.all(out.map(async b => [...(await executor.read(b)).data]))).toEqual([
        [1, 2, 3, 4, 5],
        [2, 4, 6, 8, 10],
        [1, 2, 3, 4, 5],
        [8, 9],
      ]);
      expect(await executor.read(x)).toEqual(vector);
      executor.free(out[0]);
      expect([...(await executor.read(out[2])).data]).toEqual([1, 2, 3, 4, 5]);
      expect([...(await executor.read(x)).data]).toEqual([1, 2, 3, 4, 5]);
    });

    test("the same buffer may be several inputs", async () => {
      const executor = make(),
        add = await executor.compile(sumOf("float64")),
        a = executor.upload(array("float64", [3], [1, 2, 3.5]));
      const [sum] = await add.run([a, a]);
      expect((await executor.read(sum)).data[0]).toBe(13);
    });

    test("writes other numbers into a buffer, which must be of the type", async () => {
      const executor = make(),
        buffer = executor.upload(vector);
      executor.write(buffer, array("float32", [5], [9, 8, 7, 6, -0]));
      expect([...(await executor.read(buffer)).data]).toEqual([9, 8, 7, 6, -0]);
      for (const wrong of [array("float32", [4], [1, 2, 3, 4]), array("int32", [5], [1, 2, 3, 4, 5])])
        expect(() => executor.write(buffer, wrong)).toThrow(/^ufom: write takes float32\[5\]; received .*\.$/);
    });

    test("reads several buffers at once as one by one", async () => {
      const executor = make(),
        buffers = arrays.map(a => executor.upload(a));
      expect(await executor.readAll(buffers)).toEqual(arrays);
      expect(await executor.readAll([])).toEqual([]);
    });

    test("links calls: as one by one, on other inputs too, and with nothing left behind", async () => {
      const { executor, run } = await setUp();
      if (!executor.link) throw new Error("links no calls: if that is meant, these tests are to be skipped (`linking`)");
      const [type] = run.program.inputs,
        pair = run.program.nodes[run.program.outputs[3]];
      // x ↦ 2x ↦ 4x, and x itself.
      const places = [type, type, type, type, pair, type, type, type, pair],
        routine = executor.link({
          places,
          inputs: 1,
          parts: [[{ executable: run, inputs: [0], outputs: [1, 2, 3, 4] }], [{ executable: run, inputs: [2], outputs: [5, 6, 7, 8] }]],
          outputs: [6, 0],
        });
      for (const numbers of [
        [1, 2, 3, 4, 5],
        [0, -1, 0.5, 7, 1e30],
      ]) {
        const x = executor.upload(array("float32", [5], numbers)),
          out = await executor.readAll(routine.run([x]));
        expect(out.map(({ data }) => [...data])).toEqual([numbers.map(v => Math.fround(4 * v)), numbers.map(Math.fround)]);
        expect(routine.seconds).toHaveLength(2);
        executor.free(x);
        expect(() => routine.run([x])).toThrow(/^ufom: a routine takes buffers that are alive; received .*\.$/);
      }
      const wrong = executor.upload(array("float32", [4], [1, 2, 3, 4]));
      expect(() => routine.run([wrong])).toThrow("ufom: a routine takes float32[5] as input 0; received float32[4].");
      expect(() => routine.run([])).toThrow("ufom: a routine takes 1 buffers; received 0.");
      expect(() => routine.run([make().upload(vector)])).toThrow(/^ufom: a routine takes buffers of its own executor; received /);
      executor.free(wrong);
      // The routine keeps the executable alive.
      run.dispose();
      const x = executor.upload(vector);
      expect((await executor.read(routine.run([x])[0])).data[4]).toBe(20);
      executor.free(x);
      routine.dispose();
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    });

    test("links calls: an empty result leaves its neighbours alone", async () => {
      const executor = make();
      if (!executor.link) throw new Error("links no calls: if that is meant, these tests are to be skipped (`linking`)");
      const empty = array("float32", [0], []),
        run = await executor.compile(trace((e: never, x: never) => [e, (x as Value).mul(2)] as never, [empty, vector]).program),
        [none, five] = run.program.inputs;
      const routine = executor.link({
        places: [none, five, none, five],
        inputs: 2,
        parts: [[{ executable: run, inputs: [0, 1], outputs: [2, 3] }]],
        outputs: [2, 3],
      });
      const [, doubled] = await executor.readAll(routine.run([executor.upload(empty), executor.upload(vector)]));
      expect([...doubled.data]).toEqual([2, 4, 6, 8, 10]);
    });

    test("counts buffers, bytes, calls and seconds", async () => {
      // Every look at the clock finds it a millisecond later.
      let now = 0;
      vi.spyOn(performance, "now").mockImplementation(() => now++);
      onTestFinished(() => {
        vi.restoreAllMocks();
      });
      const { executor, run } = await setUp();
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
      const x = executor.upload(vector),
        out = await run.run([x]);
      expect(executor.usage().buffers).toBe(5);
      expect(executor.usage().bytes).toBeGreaterThanOrEqual(4 * 20 + 8);
      for (const b of [x, ...out]) executor.free(b);
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
      expect(run.statistics.calls).toBe(1);
      expect(run.statistics.seconds).toBeGreaterThan(0);
    });

    test("runs again and again in the same memory", async () => {
      const { executor, run } = await setUp(),
        x = executor.upload(vector);
      for (let i = 0; i < 500; i++) for (const b of await run.run([x])) executor.free(b);
      expect(executor.usage().buffers).toBe(1);
      expect(run.statistics.calls).toBe(500);
    });

    test("equal programs may share an executable; disposing one leaves the other", async () => {
      const { executor, run } = await setUp(),
        same = await executor.compile(program),
        x = executor.upload(vector);
      run.dispose();
      expect([...(await executor.read((await same.run([x]))[1])).data]).toEqual([2, 4, 6, 8, 10]);
    });

    test("has nothing to give back after it was disposed", async () => {
      const { executor, run } = await setUp(),
        x = executor.upload(vector);
      executor.dispose();
      for (const buffer of [x, x]) expect(() => executor.free(buffer)).not.toThrow();
      expect(() => run.dispose()).not.toThrow();
    });

    test("refuses what is not its own, freed, or of another type", async () => {
      const { executor, run } = await setUp(),
        x = executor.upload(vector),
        refused = async (f: () => unknown) => {
          await expect((async () => f())()).rejects.toThrow(/^ufom: .*; received .*\.$/);
        };
      const wrong: Buffer[] = [
        executor.upload(array("float32", [4], [1, 2, 3, 4])),
        executor.upload(array("int32", [5], [1, 2, 3, 4, 5])),
        executor.upload(array("float64", [5], [1, 2, 3, 4, 5])),
      ];
      await refused(() => run.run([]));
      await refused(() => run.run([x, x]));
      for (const buffer of wrong) await refused(() => run.run([buffer]));
      const foreign = make().upload(vector);
      await refused(() => run.run([foreign]));
      await refused(() => executor.read(foreign));
      await refused(() => executor.free(foreign));
      executor.free(x);
      await refused(() => run.run([x]));
      await refused(() => executor.read(x));
      await refused(() => executor.free(x));
      expect(executor.usage().buffers).toBe(3);
    });

    test.end();
  });
}
