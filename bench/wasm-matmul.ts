/** GFLOP/s of matrix products on the wasm executor, one thread: `npx tsx bench/wasm-matmul.ts`. Medians; best runs beside them. */
import { createWasmExecutor } from "../src/executors/wasm/index.js";
import * as np from "../src/tensor/np/index.js";
import { trace } from "../src/tensor/trace.js";
import { allocate } from "../src/tensor/types.js";
import type { FloatType } from "../src/tensor/types.js";
import type { Value } from "../src/tensor/value.js";
import { callMicroseconds } from "./timing.js";

/** [m, k] · [k, n]; `aT`, `bT`: stored transposed. */
interface Product {
  readonly size: readonly [m: number, k: number, n: number];
  readonly aT?: boolean;
  readonly bT?: boolean;
}

const products: readonly Product[] = [
  { size: [10, 40, 40] },
  { size: [40, 10, 40], aT: true },
  { size: [10, 40, 40], bT: true },
  { size: [128, 128, 128] },
  { size: [256, 256, 256] },
  { size: [512, 512, 512] },
  { size: [5000, 784, 10] },
  { size: [784, 5000, 10], aT: true },
];

let random = 1;
const uniform = (): number => (random = (random * 48271) % 2147483647) / 2147483647 - 0.5;

for (const dtype of ["float32", "float64"] satisfies FloatType[]) {
  for (const { size, aT, bT } of products) {
    const [m, k, n] = size;
    const types = [
      { shape: aT ? [k, m] : [m, k], dtype },
      { shape: bT ? [n, k] : [k, n], dtype },
    ];
    const arrays = types.map(type => ({ ...type, data: allocate(type).map(uniform) }));
    const { program } = trace((a: Value, b: Value) => np.matmul(aT ? a.T : a, bT ? b.T : b), arrays, dtype);
    const executor = createWasmExecutor(),
      buffers = arrays.map(a => executor.upload(a)),
      executable = executor.compile(program);
    const { median, best } = callMicroseconds(() => {
      for (const b of executable.run(buffers)) executor.free(b);
    });
    const rate = (microseconds: number) => ((2 * m * k * n) / microseconds / 1000).toFixed(1).padStart(6);
    const name = `${dtype} ${size.join("×")}${aT ? " aᵀ" : ""}${bT ? " bᵀ" : ""}`;
    console.log(`${name.padEnd(28)} ${rate(median)} GFLOP/s (best ${rate(best)})   ${median.toFixed(2).padStart(10)} µs`);
    executor.dispose();
  }
}
