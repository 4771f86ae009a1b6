import type { FloatType } from "../../tensor/types.js";
import { encodeModule, FunctionBuilder } from "./assembler.js";
import { floats, memory as access, simd } from "./emit/instructions.js";

/** Makes every NaN the canonical one: from a pointer on, over a number of bytes that is at least 1; the last vector may reach beyond. */
export type Quiet = Record<FloatType, (pointer: number, bytes: number) => void>;

/** The canonical quiet NaN in every lane. */
const canonical: Record<FloatType, ArrayBufferView<ArrayBuffer>> = {
  float32: Uint32Array.of(0x7fc00000, 0x7fc00000, 0x7fc00000, 0x7fc00000),
  float64: BigUint64Array.of(0x7ff8000000000000n, 0x7ff8000000000000n),
};

let module: WebAssembly.Module | undefined;

function quietFunction(dtype: FloatType): FunctionBuilder {
  const f = new FunctionBuilder(dtype, ["i32", "i32"], [], true),
    [pointer, bytes] = f.parameters,
    at = f.local("i32"),
    x = f.local("v128");
  f.loop(at, 0, bytes, 16, () => {
    f.get(pointer).get(at).add().simdMemory(access.load, 0).set(x);
    f.get(pointer).get(at).add();
    f.get(x)
      .v128(new Uint8Array(canonical[dtype].buffer))
      .get(x)
      .get(x)
      .simd(floats[dtype].equal)
      .simd(simd.select)
      .simdMemory(access.store, 0);
  });
  return f;
}

export function quietIn(memory: WebAssembly.Memory): Quiet {
  module ??= new WebAssembly.Module(encodeModule([quietFunction("float32"), quietFunction("float64")]));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Quiet;
}
