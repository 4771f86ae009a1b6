import { sizeOf } from "../../../tensor/types.js";
import type { Address, Code } from "../emit/code.js";
import { memory, storedBytes } from "../emit/instructions.js";
import { constant } from "../emit/vector.js";
import type { Tensor } from "../../../compiler/graph/tensor.js";

/** Copies a tensor, or repeats the number that it is, over an output, to the end of the last vector. */
export function emitCopy({ f, addressOf }: Code, from: Tensor, output: Tensor, target: Address): void {
  const i = f.local("i32"),
    source = from.kind === "literal" ? null : addressOf(from);
  const bytes = Math.ceil((sizeOf(output.shape) * storedBytes[output.dtype]) / 16) * 16;
  f.loop(i, 0, Math.max(16, bytes), 16, () => {
    f.get(target.base).get(i).add();
    if (source) f.get(source.base).get(i).add().simdMemory(memory.load, source.offset);
    else if (from.kind === "literal") constant(f, from.dtype, from.value);
    f.simdMemory(memory.store, target.offset);
  });
  f.release(i);
}
