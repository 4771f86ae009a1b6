import { optimize } from "../../program/passes/index.js";
import { matmul } from "../../tensor/np/index.js";
import { trace } from "../../tensor/trace.js";
import type { HostArray } from "../../tensor/types.js";
import { WasmExecutor } from "../wasm/executor.js";
import type { Blas } from "./blas.js";
import type { Measured } from "./kept.js";
import { productsOf } from "./products.js";

/** Edges of the square products that are tried, up to one that shows the rates of large products. */
const edges = [12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192];
/** Rounds in which both are timed in turns; the fastest of each counts. */
const ROUNDS = 12;
/** Multiplications of a round, about: long against the clock's resolution. */
const ROUND = 2 ** 19;
/** So much faster must the library be. */
const GAIN = 0.95;

/** How fast a library's products are here, against those of WebAssembly, both called from WebAssembly. Takes about a tenth of a second. */
export function measure(blas: Blas, threads: number): Measured {
  const wasm = new WasmExecutor(),
    library = new WasmExecutor(undefined, productsOf(blas, threads, 0));
  try {
    const times = edges.map(edge => [edge, ...fastest([wasm, library], edge)] as const),
      slower = times.filter(([, inWasm, inLibrary]) => inLibrary > GAIN * inWasm).map(([edge]) => edge),
      from = slower.length === 0 ? edges[0] : edges[edges.indexOf(Math.max(...slower)) + 1],
      [largest, inWasm, inLibrary] = times[times.length - 1],
      rate = (seconds: number) => Math.round((2 * largest ** 3) / seconds / 1e8) / 10;
    // Where the largest that was tried is no faster, no product is handed over.
    return { threshold: from === undefined ? Number.MAX_SAFE_INTEGER : from ** 3, wasm: rate(inWasm), library: rate(inLibrary) };
  } finally {
    wasm.dispose();
    library.dispose();
  }
}

/** Seconds that a product [n, n] · [n, n] takes each executor. */
function fastest(executors: readonly WasmExecutor[], n: number): number[] {
  const array: HostArray = { shape: [n, n], dtype: "float32", data: Float32Array.from({ length: n * n }, (_, i) => (i % 7) - 3) },
    program = optimize(trace(matmul, [array, array], "float32").program),
    calls = Math.ceil(ROUND / n ** 3);
  const timed = executors.map(executor => {
    const executable = executor.compile(program),
      inputs = [executor.upload(array), executor.upload(array)];
    // A list of calls, as runs are: only what a call from WebAssembly takes is compared.
    const routine = executor.link({
      places: [array, array, array],
      inputs: 2,
      parts: [Array.from({ length: calls }, () => ({ executable, inputs: [0, 1], outputs: [2] }))],
      outputs: [2],
    });
    return { run: () => routine.run(inputs, [0], false), best: Infinity };
  });
  for (let round = 0; round < ROUNDS; round++)
    for (const one of timed) {
      const started = performance.now();
      one.run();
      one.best = Math.min(one.best, (performance.now() - started) / 1000 / calls);
    }
  return timed.map(({ best }) => best);
}
