import { UfomError } from "../../tensor/error.js";
import { libraryFlags } from "../wasm/kernels/library-signature.js";
import type { Run } from "../wasm/function-table.js";

/** Small products of each kind, of numbers that are computed exactly, in an order of their own. */
export function selfTest(path: string, over: (memory: WebAssembly.Memory, threads: number) => Run): void {
  const memory = new WebAssembly.Memory({ initial: 1 }),
    multiply = over(memory, 1),
    { transposeA, transposeB, float64, accumulate } = libraryFlags;
  const refuse = (what: string): never => {
    throw new UfomError(`ufom: native needs a library that multiplies as IEEE 754 says, and that of ${path} ${what}.`);
  };
  for (let flags = 0; flags < 16; flags++) {
    const numbers = flags & float64 ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer),
      size = numbers.BYTES_PER_ELEMENT;
    for (const [m, n, k] of [
      [2, 3, 4],
      [19, 17, 35],
    ]) {
      const [a, b, c] = [16, 16 + m * k, 16 + m * k + k * n];
      const at = (i: number, j: number) => (flags & transposeA ? a + j * m + i : a + i * k + j),
        bt = (i: number, j: number) => (flags & transposeB ? b + j * k + i : b + i * n + j);
      for (let i = a; i < c; i++) numbers[i] = ((i * 7) % 11) - 5;
      // Without adding to it, what lay there before must not matter.
      numbers.fill(flags & accumulate ? 3 : NaN, c, c + m * n);
      numbers[at(0, 0)] = 0;
      numbers[bt(0, 0)] = NaN;
      numbers[bt(0, 1)] = Infinity;
      multiply(flags, m, n, k, size * a, flags & transposeA ? m : k, size * b, flags & transposeB ? k : n, size * c, n);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = flags & accumulate ? 3 : 0;
          for (let l = 0; l < k; l++) sum += numbers[at(i, l)] * numbers[bt(l, j)];
          if (!Object.is(numbers[c + i * n + j], sum === 0 ? 0 : sum) && numbers[c + i * n + j] !== sum)
            refuse(`gave ${numbers[c + i * n + j]} for ${sum} in a product of ${m} × ${k} and ${k} × ${n} numbers (case ${flags})`);
        }
    }
  }
}
