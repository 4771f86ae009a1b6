import { describe, expect, expectTypeOf, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  evaluate,
  f32,
  f64,
  full,
  grad,
  i32,
  np,
  tree,
  zeros,
  type Executor,
  type HostArray,
  type Value,
} from "../../src/index.js";
import { afterCollection } from "../support/garbage.js";
import { countingExecutor } from "../support/counting-executor.js";

interface Layer {
  readonly w: Value;
  readonly b: Value;
}
const logits = ({ w, b }: Layer, x: Value) => np.matmul(x, w).add(b);
const layer = { w: f32([1, 2, 3, 4, 5, 6], 2, 3), b: f32([0.5, 0, -0.5]) },
  x = f32([1, 0, 0, -1], 2, 2);

/** An executor that tells how many executables are alive. */
function watched(inner: Executor, later = false) {
  const around = countingExecutor(inner, { later });
  let alive = 0,
    compiled = 0;
  const executor: Executor = {
    ...around,
    compile(program, name) {
      compiled++;
      alive++;
      const made = around.compile(program, name),
        counted = (executable: Awaited<typeof made>) => ({
          ...executable,
          dispose: () => {
            alive--;
            executable.dispose();
          },
        });
      return made instanceof Promise ? made.then(counted) : counted(made);
    },
  };
  return { executor, around, alive: () => alive, compiled: () => compiled };
}

describe.each([
  ["wasm", createWasmExecutor],
  ["reference", createReferenceExecutor],
] as const)("in %s", (_, create) => {
  const executor = create();

  test("trees of host arrays go in and come out", async () => {
    const f = evaluate(
      (at: Layer, rows: Value) => ({ logits: logits(at, rows), best: [np.argmax(logits(at, rows), -1), logits(at, rows).greater(0)] }),
      { executor },
    );
    const out = await f(layer, x);
    expectTypeOf(out).toEqualTypeOf<{ logits: HostArray; best: HostArray[] }>();
    expect(out).toEqual({
      logits: f32([1.5, 2, 2.5, -3.5, -5, -6.5], 2, 3),
      best: [i32([2, 0]), { shape: [2, 3], dtype: "bool", data: Uint8Array.of(1, 1, 1, 0, 0, 0) }],
    });
    expect(executor.usage().buffers).toBe(0);
  });

  test("derivatives are functions of values too", async () => {
    const slope = evaluate(
      grad((at: Layer, rows: Value) => np.square(logits(at, rows)).sum()),
      { executor, dtype: "float64" },
    );
    const { b, w } = await slope(layer, x);
    // d/db Σ z² = 2 Σ_rows z, and d/dw = 2 xᵀz.
    expect(Array.from(b.data)).toEqual([-4, -6, -8]);
    expect(Array.from(w.data)).toEqual([3, 4, 5, 7, 10, 13]);
  });

  test("an argument that is given back, a constant and no argument at all", async () => {
    expect(await evaluate((a: Value) => [a, a], { executor })(x)).toEqual([x, x]);
    expect(await evaluate(() => np.ones([2]), { executor })()).toEqual(full(1, 2));
    expect(await evaluate(() => ({}), { executor })()).toEqual({});
    expect(executor.usage().buffers).toBe(0);
  });

  test("computes in the precision of its arguments, or in the one that is asked for", async () => {
    const third = (a: Value) => a.div(3);
    expect(await evaluate(third, { executor })(f64([1]))).toEqual(f64([1 / 3]));
    expect(await evaluate(third, { executor })(f32([1]))).toEqual(f32([1 / 3]));
    expect(await evaluate(third, { executor, dtype: "float64" })(f32([1]))).toEqual(f64([1 / 3]));
    expect(await evaluate(third, { executor, dtype: "float32" })(f64([1]))).toEqual(f32([1 / 3]));
    expect(await evaluate((a: Value, k: Value) => np.take(a, k), { executor })(f64([1, 2]), i32([1]))).toEqual(f64([2]));
  });

  test("keys in another order are other keys' numbers nowhere", async () => {
    const f = evaluate(({ w, b }: Layer) => w.mul(10).add(b), { executor });
    expect(await f({ w: f32([1]), b: f32([2]) })).toEqual(f32([12]));
    expect(await f({ b: f32([2]), w: f32([1]) })).toEqual(f32([12]));
  });
});

describe("a function is traced", () => {
  test("once for each signature: structure, shapes, dtypes", async () => {
    let calls = 0;
    const f = evaluate((a: { t: Value } | Value[]) => {
      calls++;
      return tree.leaves(a)[0].mul(2);
    });
    const list = (...leaves: HostArray[]) => leaves;
    for (let again = 0; again < 3; again++) {
      expect(await f({ t: zeros(2) })).toEqual(zeros(2));
      expect(await f(list(zeros(2)))).toEqual(zeros(2));
      expect(await f({ t: zeros(3) })).toEqual(zeros(3));
      expect(await f({ t: f64([1]) })).toEqual(f64([2]));
      expect(await f({ t: i32([1]) })).toEqual(i32([2]));
    }
    expect(calls).toBe(5);
  });

  test("and stays compiled for the 32 signatures used last", async () => {
    const { executor, alive, compiled } = watched(createWasmExecutor()),
      f = evaluate((a: Value) => a.sum(), { executor });
    for (let n = 1; n <= 32; n++) expect(await f(full(1, n))).toEqual(full(n));
    await f(full(1, 1));
    expect([compiled(), alive()]).toEqual([32, 32]);
    // The oldest is now the one of two numbers.
    for (const n of [33, 1, 3]) expect(await f(full(1, n))).toEqual(full(n));
    expect([compiled(), alive()]).toEqual([33, 32]);
    expect(await f(full(1, 2))).toEqual(full(2));
    expect([compiled(), alive()]).toEqual([34, 32]);
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });

  test("what leaves while it is at work goes when it has answered", async () => {
    const { executor, alive } = watched(createWasmExecutor(), true),
      f = evaluate((a: Value) => a.sum(), { executor });
    const sums = await Promise.all(Array.from({ length: 80 }, (_, n) => f(full(1, n + 1))));
    expect(sums).toEqual(Array.from({ length: 80 }, (_, n) => full(n + 1)));
    await new Promise(resolve => setTimeout(resolve));
    expect(alive()).toBe(32);
    expect(executor.usage().buffers).toBe(0);
  });

  test("what executors hold for it is given back with it", async () => {
    const { executor, alive } = watched(createWasmExecutor());
    await (async () => {
      const f = evaluate((a: Value) => a.sum(), { executor });
      await f(zeros(2));
      await f(zeros(3));
      expect(alive()).toBe(2);
    })();
    expect(await afterCollection(() => alive() === 0)).toBe(true);
  });
});

describe("the numbers are those of the call", () => {
  test.each([false, true])("even if they change before it is awaited (answers later: %s)", async later => {
    const f = evaluate((a: Value) => a.mul(2), { executor: countingExecutor(createWasmExecutor(), { later }) }),
      a = f32([1, 2]);
    const first = f(a);
    a.data.fill(7);
    const second = f(a);
    a.data.fill(9);
    expect([await first, await second]).toEqual([f32([2, 4]), f32([14, 14])]);
  });
});

describe("what fails", () => {
  test.each([false, true])("gives all memory back and leaves the function usable (answers later: %s)", async later => {
    const executor = countingExecutor(createWasmExecutor(), { later }),
      f = evaluate(logits, { executor });
    for (const failing of ["logits", "read"]) {
      executor.before = name => {
        if (name === failing) throw new Error(`${name} is out of memory`);
      };
      await expect(f(layer, x)).rejects.toThrow(`${failing} is out of memory`);
      expect(executor.usage().buffers).toBe(0);
    }
    executor.before = () => {};
    expect((await f(layer, x)).shape).toEqual([2, 3]);
  });

  const any = evaluate as unknown as (f: unknown, options?: object) => (...args: unknown[]) => Promise<unknown>;
  test.each<[string, () => unknown, string]>([
    ["no function", () => any(3), "ufom: evaluate takes a function of values; received 3."],
    ["an unknown option", () => any(() => 0, { dType: "float32" }), "(did you mean dtype?); received dType."],
    [
      "an unknown executor",
      () => any(() => 0, { executor: "webgl" }),
      'ufom: the executor must be one of auto, wasm, reference; received "webgl".',
    ],
    ["an unknown precision", () => any(() => 0, { dtype: "float16" }), 'ufom: dtype must be float32 or float64; received "float16".'],
  ])("%s is refused where it is given", (_, refused, sentence) => expect(refused).toThrow(sentence));

  test.each<[string, () => Promise<unknown>, string]>([
    ["a number", () => any((a: Value) => a)(3), "ufom: evaluate's argument 1 must be a tree of arrays; received 3."],
    ["a nested list", () => any((a: Value) => a)([[1, 2]]), "ufom: evaluate's argument 1 must be a tree of arrays (at 0.0); received 1."],
    [
      "a value",
      () => any((a: Value, b: Value) => a.add(b))(x, np.zeros([1])),
      "ufom: evaluate's argument 2 must be host arrays (zeros, full, f32, f64, i32); received float32[1].",
    ],
    [
      "numbers of another class than the dtype's",
      () => any((a: Value) => a)({ shape: [1], dtype: "float32", data: Float64Array.of(1) }),
      "ufom: evaluate's argument 1 needs float32[1] to hold its numbers in a Float32Array; received a Float64Array.",
    ],
    ["too few arguments", () => any(logits)(layer), "ufom: evaluate needs 2 arguments, as many as the function has; received 1."],
    [
      "two precisions",
      () => any((a: Layer, i: Value, b: Value) => a.w.add(b).add(i))({ w: x, b: i32([1]) }, i32([2]), f64([1, 2])),
      "ufom: evaluate needs floating point arguments of one precision, or the option dtype; received float32[2,2] (argument 1, w) and float64[2] (argument 3).",
    ],
    ["numbers for a result", () => any(() => 3)(), "ufom: a traced function's result must be a tree of arrays; received 3."],
    ["a promise for a result", () => any(async () => Promise.resolve(3))(), "received a promise."],
    ["shapes that do not fit", () => any(logits)(layer, zeros(2, 5)), "ufom: matmul"],
  ])("%s is refused in a sentence", async (_, refused, sentence) => {
    await expect(refused()).rejects.toThrow(sentence);
  });

  test("a value of another function is refused", async () => {
    let kept: Value | undefined;
    await evaluate((a: Value) => (kept = a))(x);
    await expect(evaluate((a: Value) => a.add(kept!))(x)).rejects.toThrow("can use its own arguments only");
  });
});
