import { encodeModule, FunctionBuilder } from "../../src/executors/wasm/assembler.js";
import { arityOf } from "../../src/compiler/math/index.js";
import type { ElementaryFunction } from "../../src/compiler/math/index.js";
import { buildMath, emitMath, type MathFunction, type Require } from "../../src/executors/wasm/math/index.js";
import type { FloatType } from "../../src/tensor/types.js";

/** One function of the wasm executor applied to arrays. */
export interface MathModule<D extends FloatType> {
  /** Arguments; write them here. */
  readonly input: D extends "float32" ? Float32Array : Float64Array;
  /** The second arguments, where the function has them. */
  readonly second: D extends "float32" ? Float32Array : Float64Array;
  readonly output: D extends "float32" ? Float32Array : Float64Array;
  /** Applies the function to the first `count` arguments, a multiple of four, `repeats` times. */
  run(count: number, repeats?: number): void;
}

/** Compiles a function for arrays of up to `capacity` elements, called or inlined. */
export function mathModule<D extends FloatType>(name: ElementaryFunction, dtype: D, capacity: number, inline = false): MathModule<D> {
  const functions: FunctionBuilder[] = [];
  const indices = new Map<MathFunction, number>();
  const require: Require = callee => {
    if (!indices.has(callee)) {
      const index = functions.length;
      indices.set(callee, index);
      // The position is taken before the function is built, because it may require others.
      functions.push(new FunctionBuilder("", []));
      functions[index] = buildMath(callee, dtype, require);
    }
    return indices.get(callee) as number;
  };
  const bytes = capacity * (dtype === "float32" ? 4 : 8);
  const main = new FunctionBuilder("main", ["i32", "i32"], [], true);
  const [end, repeats] = main.parameters;
  const p = main.local("i32");
  const k = main.local("i32");
  const arity = arityOf(name);
  const args = Array.from({ length: arity }, () => main.local("v128"));
  main.loop(k, 0, repeats, 1, () => {
    main.loop(p, 0, end, 16, () => {
      args.forEach((x, i) =>
        main
          .get(p)
          .simdMemory(0, i * bytes)
          .set(x),
      );
      if (inline) {
        const y = emitMath(main, name, dtype, args, require);
        main.get(p).get(y).release(y);
      } else {
        main.get(p);
        for (const x of args) main.get(x);
        main.call(require(name, dtype));
      }
      main.simdMemory(11, arity * bytes);
    });
  });
  functions.push(main);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(((arity + 1) * bytes) / 65536) });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(encodeModule(functions)), { env: { memory } });
  const run = instance.exports.main as (end: number, repeats: number) => void;
  const array = (offset: number) =>
    dtype === "float32" ? new Float32Array(memory.buffer, offset, capacity) : new Float64Array(memory.buffer, offset, capacity);
  return {
    input: array(0),
    second: array((arity - 1) * bytes),
    output: array(arity * bytes),
    run: (count: number, times = 1) => run((count * bytes) / capacity, times),
  } as MathModule<D>;
}
