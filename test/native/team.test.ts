// Threads hand their larger products to the library too: the bits are the same for any number of them.
import { describe, expect, test } from "vitest";
import {
  adam,
  createWasmExecutor,
  defineProblem,
  lax,
  nn,
  np,
  solve,
  type Problem,
  type SolveOptions,
  type Value,
} from "../../src/index.js";
import { solveWith } from "../../src/core/solve/solve.js";
import { executorOf } from "../../src/executor-option.js";
import { gemmOf } from "../../src/executors/native/gemm.js";
import type { Koffi, KoffiLibrary } from "../../src/executors/native/koffi.js";
import { WasmExecutor } from "../../src/executors/wasm/executor.js";
import { threads, type ThreadsOptions } from "../../src/team/threads.js";
import { nativeExecutor, withoutLibrary } from "./available.js";

const layers = (phi: { w: Value; v: Value }, x: Value) => np.matmul(np.tanh(np.matmul(x, phi.w)), phi.v);
/** Two layers. */
const perceptron = defineProblem({
  theta: random => ({ w: random.normal([12, 16]), v: random.normal([16, 5]) }),
  task: random => ({ x: random.normal([9, 12]), y: random.normal([9, 5]) }),
  init: theta => ({ w: theta.w.mul(0.3), v: theta.v.mul(0.3) }),
  inner: { loss: (_, phi, { x, y }) => np.square(layers(phi, x).sub(y)).mean(), rate: 0.1, steps: 3 },
  outer: (_, phi, { x, y }) => np.square(layers(phi, x).sub(y)).mean(),
}) as unknown as Problem;

const classified = ([k, l, head]: readonly Value[], x: Value) => {
  const normal = (h: Value) => nn.relu(nn.batchNorm(h, np.ones([8]), np.zeros([8]))),
    h = normal(lax.conv(normal(lax.conv(x, k, [2, 2], "SAME")), l, [2, 2], "SAME"));
  return nn.crossEntropy(np.matmul(h.reshape([6, -1]), head), np.arange(6).astype(np.int32).mul(0)).mean();
};
/** Convolutions with batch norm and a linear head, as Conv4 has them. */
const convolutions = defineProblem({
  theta: random => [random.normal([8, 1, 3, 3]), random.normal([8, 8, 3, 3]), random.normal([32, 5])],
  task: random => ({ x: random.normal([6, 1, 8, 8]) }),
  init: theta => theta.map(v => v.mul(0.3)),
  inner: { loss: (_, phi, { x }) => classified(phi, x), rate: 0.1, steps: 2 },
  outer: (_, phi, { x }) => classified(phi, x),
}) as unknown as Problem;

const options: SolveOptions = { estimator: "exact", outer: adam(0.01), outerSteps: 4, metaBatch: 3, seed: 5 };

/** θ, losses and norms of a run, to the last bit. */
async function told(run: ReturnType<typeof solve>): Promise<string> {
  const numbers: number[] = [];
  for await (const { loss, gradientNorm } of run) numbers.push(loss, gradientNorm);
  const { theta } = await run.result();
  return JSON.stringify([numbers, theta], (_, x: unknown) => (ArrayBuffer.isView(x) ? Array.from(x as Float32Array, String) : x));
}

const ways: readonly (readonly [string, ThreadsOptions])[] = [
  ["2 threads", { workers: 2 }],
  ["3 threads", { workers: 3 }],
  ["2 threads beside this one", { workers: 2, here: false }],
  ["2 threads that are told their jobs", { workers: 2, handing: "tell", shared: false }],
];

describe.skipIf(withoutLibrary !== undefined)("a team with a library", () => {
  describe.each([
    ["a perceptron", perceptron],
    ["convolutions", convolutions],
  ])("%s", (_, problem) => {
    const alone = () => told(solve(problem, { ...options, workers: 1, executor: nativeExecutor(0) }));

    test.each(ways)("%s: the bits of one", async (_, given) => {
      const executor = nativeExecutor(0),
        run = solveWith(problem, options, { executor, team: threads(given) });
      expect(await told(run)).toBe(await alone());
      const { workers, notes } = await run.result();
      expect([workers, notes]).toEqual([given.workers, []]);
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
      executor.dispose();
    });

    test("they are the library's and not WebAssembly's", async () => {
      expect(await alone()).not.toBe(await told(solve(problem, { ...options, workers: 1, executor: createWasmExecutor() })));
    });
  });

  test("a library that threads cannot load is told, and the tasks are computed here", async () => {
    const { products } = nativeExecutor(0) as WasmExecutor,
      lost = { ...products!, inThread: () => ({ ...products!.inThread(), path: "/no/such/libblas.so" }) },
      run = solveWith(perceptron, options, { executor: new WasmExecutor(undefined, lost), team: threads({ workers: 2, here: false }) });
    expect(await told(run)).toBe(await told(solve(perceptron, { ...options, workers: 1, executor: nativeExecutor(0) })));
    expect((await run.result()).notes).toEqual([
      expect.stringMatching(
        /^workers: threads 3 in a row threw “ufom: native cannot load the library \/no\/such\/libblas\.so in a thread: .*; the tasks were computed without them\.$/,
      ),
    ]);
  });

  test("products that have threads of their own are computed here, and that is told", async () => {
    const executor = createWasmExecutor({ native: { threads: 2, threshold: 0 } }),
      run = solveWith(perceptron, options, { executor, team: threads({ workers: 2 }) });
    const { workers, notes } = await run.result(),
      // A library that cannot be told its number of threads is taken to have one.
      own = executor.native!.threads === 2;
    expect([workers, notes]).toEqual(
      own
        ? [
            1,
            [
              "workers: 2 threads were asked for; each of the library's products has 2 threads of its own, so the tasks were computed in this one.",
            ],
          ]
        : [2, []],
    );
    executor.dispose();
  });

  test("a product has one thread where there are several tasks, all cores where there is one, and what is asked for", () => {
    const threadsOf = (native: object, tasks?: number) => executorOf({ native: { threshold: 12345, ...native } }, tasks).native!.threads,
      all = createWasmExecutor({ native: { threshold: 12345 } }).native!.threads;
    expect([threadsOf({}), threadsOf({}, 1), threadsOf({}, 2), threadsOf({}, 25)]).toEqual([all, all, 1, 1]);
    expect(threadsOf({ threads: all }, 25)).toBe(all);
  });
});

test("while threads are at work, every product of the process has one thread", () => {
  const set: number[] = [],
    library: KoffiLibrary = {
      func:
        declaration =>
        (...given) =>
          declaration.includes("set_threads") ? void set.push(given[0] as number) : undefined,
      unload: () => undefined,
    },
    koffi: Koffi = { load: () => library, address: () => 0n },
    gemm = gemmOf(koffi, "none.so", library, "set_threads"),
    memory = new WebAssembly.Memory({ initial: 1 }),
    [one, two] = [1, 2].map(threads => gemm.over(memory, threads)),
    product = (multiply: typeof one) => multiply(0, 1, 1, 1, 0, 1, 0, 1, 0, 1);
  product(two);
  product(two);
  expect(set).toEqual([2]);
  // At once: threads do not set it again.
  const [first, second] = [gemm.hold(), gemm.hold()];
  expect(set).toEqual([2, 1]);
  product(two);
  product(one);
  first();
  product(two);
  expect(set).toEqual([2, 1]);
  second();
  product(two);
  product(one);
  expect(set).toEqual([2, 1, 2, 1]);
});
