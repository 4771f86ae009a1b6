/** Convolutions on the wasm executor beside its own matrix product: `npx tsx bench/wasm-conv.ts`. */
import { createWasmExecutor } from "../src/executors/wasm/index.js";
import { optimize } from "../src/program/passes/index.js";
import { nodeCost } from "../src/program/cost.js";
import type { Program } from "../src/program/program.js";
import * as lax from "../src/tensor/lax.js";
import * as np from "../src/tensor/np/index.js";
import { trace } from "../src/tensor/trace.js";
import { vjp } from "../src/tensor/transform.js";
import type { FloatType, Shape } from "../src/tensor/types.js";
import { allocate } from "../src/tensor/types.js";
import type { Value } from "../src/tensor/value.js";

/** A layer of Conv4 (20 images, 64 channels, kernels of 3×3) and its neighbours. */
interface Layer {
  readonly channels: number;
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
}

const layers: readonly Layer[] = [
  { channels: 1, extent: 28, kernel: 3, stride: 2 },
  { channels: 64, extent: 28, kernel: 3, stride: 2 },
  { channels: 64, extent: 28, kernel: 3, stride: 1 },
  { channels: 64, extent: 14, kernel: 3, stride: 2 },
  { channels: 64, extent: 14, kernel: 3, stride: 1 },
  { channels: 64, extent: 14, kernel: 1, stride: 1 },
  { channels: 64, extent: 4, kernel: 3, stride: 2 },
];
const executor = createWasmExecutor();
let random = 1;
const uniform = () => (random = (random * 48271) % 2147483647) / 2147483647 - 0.5;

/** Microseconds of this process for one call, the least of some batches: calls are long enough for other processes to come between. */
function cpuMicroseconds(call: () => void): number {
  const batch = (calls: number): number => {
    const started = process.cpuUsage();
    for (let i = 0; i < calls; i++) call();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / calls;
  };
  let calls = 1;
  while (batch(calls) * calls < 50_000) calls *= 2;
  return Math.min(...Array.from({ length: 7 }, () => batch(calls)));
}

/** Prints milliseconds and GFLOP/s; returns the latter. */
function measure(name: string, traced: Program, rate?: number): number {
  const program = optimize(traced);
  const flops = program.nodes.reduce((sum, _, i) => sum + nodeCost(program, i).flops, 0);
  const inputs = program.inputs.map(t => executor.upload({ ...t, data: allocate(t).map(uniform) }));
  const executable = executor.compile(program, name);
  const micro = cpuMicroseconds(() => {
    for (const b of executable.run(inputs)) executor.free(b);
  });
  const gflops = flops / micro / 1000;
  const share = rate === undefined ? "" : `   ${((100 * gflops) / rate).toFixed(0).padStart(3)} % of the product's`;
  console.log(`${name.padEnd(58)} ${(micro / 1000).toFixed(3).padStart(8)} ms ${gflops.toFixed(2).padStart(7)} GFLOP/s${share}`);
  for (const b of inputs) executor.free(b);
  return gflops;
}

const float = (...shape: number[]) => ({ shape, dtype: "float32" as const });
for (const dtype of ["float32", "float64"] as FloatType[]) {
  const rate = measure(`${dtype} matmul 256·256·256`, trace(np.matmul, [float(256, 256), float(256, 256)], dtype).program);
  for (const { channels, extent, kernel, stride } of layers) {
    const x = float(20, channels, extent, extent),
      w = float(64, channels, kernel, kernel);
    const conv = (a: Value, b: Value) => lax.conv(a, b, [stride, stride], "SAME");
    const y = trace(conv, [x, w], dtype).output as { shape: Shape };
    const name = (what: string) => `${dtype} ${what} ${x.shape.join("×")} by ${w.shape.join("×")} / ${stride}`;
    const inInput = (a: Value, b: Value, g: Value) => vjp((z: Value) => conv(z, b), a)[1](g);
    const inKernel = (a: Value, b: Value, g: Value) => vjp((z: Value) => conv(a, z), b)[1](g);
    const types = [x, w, float(...y.shape)];
    measure(name("conv"), trace(conv, types.slice(0, 2), dtype).program, rate);
    measure(name("input gradient"), trace(inInput, types, dtype).program, rate);
    measure(name("kernel gradient"), trace(inKernel, types, dtype).program, rate);
  }
}
executor.dispose();
