import { fail } from "../../tensor/error.js";
import { checkHostArray } from "../../tensor/host.js";
import { checkOptions } from "../../tensor/options.js";
import type { HostArray } from "../../tensor/types.js";
import { sameShape, showType } from "../../tensor/types.js";
import { evaluateProgram } from "../../program/evaluate.js";
import type { Buffer, Executable, Executor } from "../executor.js";

class ReferenceBuffer implements Buffer {
  constructor(
    public array: HostArray | null,
    readonly shape: readonly number[],
    readonly dtype: HostArray["dtype"],
  ) {}
}

/**
 * Runs programs by the operations' own rules in plain TypeScript: float64 exactly as JavaScript computes, float32 by rounding the
 * result of each operation. Slow; what other executors are compared with.
 *
 * @example
 * createReferenceExecutor().name; // "reference"
 */
export function createReferenceExecutor(options?: Readonly<Record<string, never>>): Executor {
  checkOptions("createReferenceExecutor", options, {});
  const alive = new Set<ReferenceBuffer>();
  let disposed = false;
  const hold = (array: HostArray) => {
    const buffer = new ReferenceBuffer(array, array.shape, array.dtype);
    alive.add(buffer);
    return buffer;
  };
  const numbers = (buffer: Buffer): HostArray => {
    if (!(buffer instanceof ReferenceBuffer) || !buffer.array || !alive.has(buffer))
      return fail("the reference executor", "takes its own buffers, before they are freed", showType(buffer));
    return buffer.array;
  };
  const read = (buffer: Buffer): HostArray => {
    const a = numbers(buffer);
    return { ...a, data: a.data.slice() };
  };
  return {
    name: "reference",
    compile(program): Executable {
      const statistics = { calls: 0, seconds: 0 };
      return {
        program,
        statistics,
        run(buffers) {
          const started = performance.now();
          if (buffers.length !== program.inputs.length) fail("a program", `takes ${program.inputs.length} inputs`, `${buffers.length}`);
          buffers.forEach((b, i) => {
            const type = program.inputs[i];
            if (b.dtype !== type.dtype || !sameShape(b.shape, type.shape))
              fail("a program", `takes ${showType(type)} as input ${i}`, showType(b));
          });
          const values = evaluateProgram(program, buffers.map(numbers));
          const outputs = program.outputs.map(i => hold({ ...values[i], data: values[i].data.slice() }));
          statistics.calls++;
          statistics.seconds += (performance.now() - started) / 1000;
          return outputs;
        },
        dispose() {},
      };
    },
    upload: array => hold({ ...checkHostArray("upload", array), data: array.data.slice() }),
    write(buffer, array) {
      checkHostArray("write", array);
      const held = numbers(buffer);
      if (held.dtype !== array.dtype || !sameShape(held.shape, array.shape)) fail("write", `takes ${showType(held)}`, showType(array));
      held.data.set(array.data);
    },
    read,
    readAll: buffers => buffers.map(read),
    free(buffer) {
      if (disposed) return;
      numbers(buffer);
      alive.delete(buffer as ReferenceBuffer);
      (buffer as ReferenceBuffer).array = null;
    },
    usage: () => ({ buffers: alive.size, bytes: [...alive].reduce((n, b) => n + (b.array?.data.byteLength ?? 0), 0) }),
    dispose() {
      disposed = true;
      for (const b of alive) b.array = null;
      alive.clear();
    },
  };
}
