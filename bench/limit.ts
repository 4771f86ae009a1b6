import { encodeModule, FunctionBuilder } from "../src/executors/wasm/assembler.js";

const MULTIPLY = 0xe6,
  ADD = 0xe4,
  SPLAT = 0x13;

/** GFLOP/s of this machine's 128-bit multiply and add in WebAssembly, in registers, at their best: what no product can exceed. */
export function measureLimit(): number {
  const f = new FunctionBuilder("spin", ["i32"], [], true),
    [n] = f.parameters,
    accumulators = Array.from({ length: 12 }, () => f.local("v128")),
    i = f.local("i32"),
    x = f.local("v128");
  const splat = (v: number) => f.op(0x43, ...new Uint8Array(Float32Array.of(v).buffer)).simd(SPLAT);
  splat(0.999).set(x);
  accumulators.forEach((a, k) => splat(k).set(a));
  f.loop(i, 0, n, 1, () => {
    for (const a of accumulators) f.get(a).get(x).simd(MULTIPLY).get(x).simd(ADD).set(a);
  });
  // The results must be used, or the loop is removed.
  f.i32(0);
  accumulators.forEach((a, k) => {
    f.get(a);
    if (k) f.simd(ADD);
  });
  f.simdMemory(11, 0);
  const memory = new WebAssembly.Memory({ initial: 1 }),
    { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeModule([f])), { env: { memory } });
  const spin = exports.spin as (n: number) => void,
    loops = 200_000;
  const warm = performance.now() + 500;
  while (performance.now() < warm) spin(loops / 10);
  let best = 0;
  for (let k = 0; k < 50; k++) {
    const started = performance.now();
    spin(loops);
    best = Math.max(best, (loops * accumulators.length * 8) / (performance.now() - started) / 1e6);
  }
  return best;
}
