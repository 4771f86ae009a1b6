/** Microseconds per call of the sinusoid problem's programs on the wasm executor: `npx tsx bench/wasm-sinusoid.ts`. */
import { outer, pullback, step } from "../src/core/problem/definitions.js";
import { createWasmExecutor } from "../src/executors/wasm/index.js";
import type { Program } from "../src/program/program.js";
import { allocate } from "../src/tensor/types.js";
import type { FloatType } from "../src/tensor/types.js";
import { sinusoidPrograms } from "./sinusoid-programs.js";
import { callMicroseconds } from "./timing.js";

for (const dtype of ["float32", "float64"] as FloatType[]) {
  const programs = sinusoidPrograms(dtype),
    executor = createWasmExecutor();
  let random = 1;
  const uniform = () => (random = (random * 48271) % 2147483647) / 2147483647 - 0.5;
  const measure = (name: string, program: Program) => {
    const inputs = program.inputs.map(t => executor.upload({ ...t, data: allocate(t).map(uniform) }));
    const start = performance.now(),
      executable = executor.compile(program, name),
      milliseconds = performance.now() - start;
    const { median, best } = callMicroseconds(() => {
      for (const b of executable.run(inputs)) executor.free(b);
    });
    console.log(
      `${dtype} ${name.padEnd(10)} ${median.toFixed(2).padStart(8)} µs (best ${best.toFixed(2)})   compiled in ${milliseconds.toFixed(1)} ms`,
    );
  };
  measure("step", programs.of(step).program);
  measure("pullback", programs.of(pullback).program);
  measure("outer", programs.of(outer).program);
  executor.dispose();
}
